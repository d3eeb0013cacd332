"""Conversation groups of a programme, split by role: an even proposal, which the coordinator can change."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from motesplats_events import Role
from shared.errors import Invalid, Problem

MOST_GROUPS = 20


class Pairs(StrEnum):
    """Where two go who come as a pair."""

    TOGETHER = "together"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has a place.

    Attributes:
        pair_id: the same for two who come together.
    """

    participant_id: str
    role: Role
    pair_id: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """One conversation group.

    Attributes:
        name: as the coordinator calls it.
        roles: who is in it.
        members: participant ids.
    """

    name: str
    roles: frozenset[Role]
    members: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one programme.

    Attributes:
        version: rises with every change; 0 before there are any.
    """

    programme_id: str
    groups: Sequence[Group] = ()
    pairs: Pairs = Pairs.TOGETHER
    version: int = 0


def proposed(groups: Sequence[Group], people: Sequence[Person], pairs: Pairs) -> Sequence[Group]:
    """The groups with everybody in one that takes their role, as even as can be.

    Two who come together are in the same group where one takes both, or with `Pairs.APART` in two where there are
    two; it matters where a group takes both roles. Whose role no group takes is left out.
    """
    members: dict[int, list[str]] = {index: [] for index in range(len(groups))}

    def place(wanted: Sequence[Person], but: Collection[int] = ()) -> int | None:
        taking = [i for i, group in enumerate(groups) if {one.role for one in wanted} <= group.roles]
        taking = [i for i in taking if i not in but] or taking
        if not taking:
            return None
        index = min(taking, key=lambda i: (len(members[i]), i))
        members[index] += [one.participant_id for one in wanted]
        return index

    def choices(one: Person) -> int:
        return sum(one.role in group.roles for group in groups)

    pairs_found = _pairs(people)
    for first, second in pairs_found:
        both = any({first.role, second.role} <= group.roles for group in groups)
        if pairs is Pairs.TOGETHER and both:
            place([first, second])
        else:
            index = place([first])
            place([second], but=() if index is None or pairs is Pairs.TOGETHER else (index,))
    paired = {one.participant_id for pair in pairs_found for one in pair}
    # Who has the least choice first, so that the others can even it out.
    for one in sorted(people, key=choices):
        if one.participant_id not in paired:
            place([one])
    return [Group(group.name, group.roles, members[index]) for index, group in enumerate(groups)]


def _pairs(people: Iterable[Person]) -> list[tuple[Person, Person]]:
    by_pair: dict[str, list[Person]] = {}
    for one in people:
        if one.pair_id:
            by_pair.setdefault(one.pair_id, []).append(one)
    return [(pair[0], pair[1]) for pair in by_pair.values() if len(pair) == 2]


def check_groups(groups: Sequence[Group], roles: Mapping[str, Role]) -> None:
    """Let pass only groups with names of their own, in which everybody has a place and is in one group.

    Args:
        roles: of everybody who has a place, by participant id.

    Raises:
        Invalid: names each group.
    """
    problems = []
    if len(groups) > MOST_GROUPS:
        problems.append(Problem("groups", "There can be at most {most} groups", {"most": MOST_GROUPS}))
    names: set[str] = set()
    seen: set[str] = set()
    for index, group in enumerate(groups):
        if group.name.casefold() in names:
            problems.append(Problem(f"groups.{index}.name", "Two groups have the same name"))
        names.add(group.name.casefold())
        for id in group.members:
            where = f"groups.{index}.members"
            if id in seen:
                problems.append(Problem(where, "Somebody is in two groups"))
            elif id not in roles:
                problems.append(Problem(where, "Somebody in the group has no place in the programme"))
            elif roles[id] not in group.roles:
                problems.append(Problem(where, "Somebody in the group comes in a role that the group is not for"))
            seen.add(id)
    if problems:
        raise Invalid(problems)
