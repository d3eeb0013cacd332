"""Who is next in the queue of a programme.

One queue a programme, in the order of tickets. Who registered as a pair is one entry: both have a place, or both wait.
A place goes to the first entry that fits: a pair that needs two places does not keep the one that is free from
who comes after, and keeps its own place in the queue.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from motesplats_events import Role
from services.registration.domain.programmes import Programme

SHORTEST_OFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One or two people who wait together.

    Attributes:
        ticket: the order in the queue.
        roles: what each of them comes as.
        participant_ids: in the same order.
    """

    ticket: int
    roles: tuple[Role, ...]
    participant_ids: tuple[str, ...] = ()

    @property
    def wants(self) -> Counter[Role]:
        """How many places of each role."""
        return Counter(self.roles)


def fits(entry: Entry, programme: Programme) -> bool:
    """Whether all of an entry can have a place."""
    wants = entry.wants
    if programme.optimum is not None and wants.total() > programme.optimum - sum(programme.taken.values()):
        return False
    return all(programme.places.get(role, 0) - programme.taken.get(role, 0) >= n for role, n in wants.items())


def with_places(programme: Programme, entry: Entry) -> Programme:
    """The programme when an entry has its places."""
    taken = Counter(programme.taken)
    taken.update(entry.wants)
    return replace(programme, taken=dict(taken))


def moving_up(programme: Programme, queue: Iterable[Entry]) -> list[Entry]:
    """Who gets a place now, the first first: everybody who fits, in the order of the queue.

    Afterwards nobody who waits fits.
    """
    found = []
    for entry in sorted(queue, key=lambda entry: entry.ticket):
        if fits(entry, programme):
            found.append(entry)
            programme = with_places(programme, entry)
    return found


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the queue, and why it is that.

    Attributes:
        ahead: how many people before wait for a place of the same role.
        together: waits for two places at once.
    """

    ahead: int
    together: bool

    @property
    def number(self) -> int:
        """1 is next."""
        return self.ahead + 1


def position(role: Role, ticket: int, queue: Iterable[Entry]) -> Position:
    """Where somebody stands among those who wait for a place of the same role."""
    entries = list(queue)
    own = next((entry for entry in entries if entry.ticket == ticket), None)
    ahead = sum(entry.wants[role] for entry in entries if entry.ticket < ticket)
    return Position(ahead, own is not None and len(own.roles) > 1)


def answer_by(programme: Programme, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Until when an offer can be answered: never longer than to the next session; None when there is no time left.

    A place that is offered a moment before the start would be lost for everybody, and one in a group cannot be taken
    after the last entry day.
    """
    upcoming = programme.next_session(now)
    end = now + timedelta(days=programme.offer_days)
    if upcoming is not None:
        end = min(end, upcoming.starts_at)
    if programme.has_members and programme.entries:
        day_after = max(programme.entries) + timedelta(days=1)
        end = min(end, datetime.combine(day_after, time.min, zone).astimezone(UTC))
    return end if end - now >= SHORTEST_OFFER else None
