"""Wishes for any programme of a sort, and where enough people wait to begin a new group."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from motesplats_events import Role
from services.registration.domain.calendar import same
from services.registration.domain.kinds import RULES, Admission, ProgrammeKind
from services.registration.domain.programmes import Programme
from shared.errors import DomainError, NotFound

LINK_PURPOSE = "wish"
FEWEST_FOR_A_GROUP = 6

Sort: TypeAlias = tuple[ProgrammeKind, str, str]
"""Kind, theme and municipality, as somebody wrote them."""


class WishNotFound(NotFound):
    """No wish has this id."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody waits for any programme of a sort, such as a learning café on heart failure in Jönköping.

    Attributes:
        about: the theme or diagnosis; empty for any.
        municipality: empty for any.
        ticket: the order among all wishes.
        declined: programmes that were offered and not wanted.
        offered: the registration that now holds a place for it.
        open: neither met nor withdrawn.
        contact_version: rises when the way to reach the person changes.
    """

    wish_id: str
    person_id: str
    kind: ProgrammeKind
    about: str
    municipality: str
    role: Role
    language: str
    ticket: int
    declined: Sequence[str] = ()
    offered: str | None = None
    open: bool = True
    version: int = 1
    contact_version: int = 1

    @property
    def sort(self) -> Sort:
        """What it is for, as wishes are counted."""
        return self.kind, self.about, self.municipality

    @property
    def waits(self) -> bool:
        """Whether it is still to be met, and nothing is offered for it."""
        return self.open and self.offered is None

    def is_for(self, programme: Programme) -> bool:
        """Whether a programme is what is waited for."""
        return (
            self.kind is programme.kind
            and _same(self.about, programme.about)
            and _same(self.municipality, programme.municipality)
            and programme.programme_id not in self.declined
        )

    def rivals(self, other: "Wish") -> bool:
        """Whether another wish can be met by the same programme."""
        return (
            self.kind is other.kind
            and self.role is other.role
            and (_same(self.about, other.about) or _same(other.about, self.about))
            and (_same(self.municipality, other.municipality) or _same(other.municipality, self.municipality))
        )


def _same(wanted: str, given: str) -> bool:
    return not wanted or same(wanted) == same(given)


def folded(sort: Sort) -> Sort:
    """What is one sort, however somebody wrote it."""
    kind, about, municipality = sort
    return kind, same(about), same(municipality)


def position_of_wish(wish: Wish, wishes: Iterable[Wish]) -> int:
    """Where a wish stands among those that the same programme would meet; 1 is next."""
    return 1 + sum(1 for other in wishes if other.open and other.ticket < wish.ticket and wish.rivals(other))


@dataclass(frozen=True, slots=True)
class Queue:
    """That somebody waits for a programme.

    Attributes:
        minimum: how many its group needs to begin; None where nobody has said.
        waiting: how many do.
    """

    programme_id: str
    title: str
    kind: ProgrammeKind
    about: str
    municipality: str
    minimum: int | None
    waiting: int

    @property
    def sort(self) -> Sort:
        """What is waited for, as wishes are counted."""
        return self.kind, self.about, self.municipality


@dataclass(frozen=True, slots=True)
class Proposal:
    """Enough people wait to begin a new group.

    Attributes:
        like: a programme that many wait for, to copy; None where nobody waits for a particular one.
        waiting: how many wait for it, in queues and by wishes.
        needed: how many a group of this sort needs to begin.
    """

    kind: ProgrammeKind
    about: str
    municipality: str
    like: Queue | None
    waiting: int
    needed: int


def proposals(queues: Sequence[Queue], wanted: Mapping[Sort, int]) -> list[Proposal]:
    """Where a new group would be worth while, the most wanted first.

    Args:
        wanted: how many wait by wishes, by sort.
    """
    said: dict[Sort, Sort] = {}
    queued: dict[Sort, list[Queue]] = {}
    wished: Counter[Sort] = Counter()
    for queue in queues:
        said.setdefault(folded(queue.sort), queue.sort)
        queued.setdefault(folded(queue.sort), []).append(queue)
    for sort, waiting in wanted.items():
        said.setdefault(folded(sort), sort)
        wished[folded(sort)] += waiting
    found = []
    for key, (kind, about, municipality) in said.items():
        there = queued.get(key, [])
        waiting = sum(queue.waiting for queue in there) + wished[key]
        like = max(there, key=lambda queue: (queue.waiting, queue.programme_id), default=None)
        needed = (like.minimum if like else None) or FEWEST_FOR_A_GROUP
        if waiting >= needed:
            found.append(Proposal(kind, about, municipality, like, waiting, needed))
    return sorted(found, key=lambda p: (-p.waiting, p.kind, p.about, p.municipality))


def counted(wishes: Iterable[Wish]) -> Mapping[Sort, int]:
    """How many wait by wishes, by sort."""
    return Counter(wish.sort for wish in wishes if wish.waits)


def check_wish(kind: ProgrammeKind, about: str, municipality: str) -> None:
    """Let pass only a wish that says something, for a sort that one registers for.

    Raises:
        DomainError: it would be met by nearly anything, or needs no place.
    """
    if RULES[kind].admission in (Admission.WALK_IN, Admission.APPLICATION):
        raise DomainError("Nobody has to wait for this; look in the calendar", field="kind")
    if not about and not municipality:
        raise DomainError("Say what it should be about, or where", field="about")
