"""What a host sees of the rota: own shifts, those that are free, and what can be swapped."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers import store
from services.volunteers.domain.assignments import Assignment, offered
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.shifts import Rota
from services.volunteers.domain.swaps import Swap, can_swap
from services.volunteers.domain.volunteers import Volunteer
from shared.delivery import Reading
from shared.errors import DomainError

LOOKS_AHEAD = timedelta(days=60)
"""A host is shown what is free so long ahead."""


@dataclass(frozen=True, slots=True)
class OwnShifts:
    """A host's part of the rota.

    Attributes:
        own: accepted shifts to come, the earliest first.
        free: shifts that the host can take, the earliest first.
        swappable: by the id of an own assignment, those of others in the same house that it can be offered for.
        proposed: swaps that the host has proposed and that are not answered, by the id of the own assignment.
    """

    own: Sequence[Assignment]
    free: Sequence[Rota]
    swappable: Mapping[str, Sequence[Assignment]]
    proposed: Mapping[str, Sequence[Swap]]


async def own_shifts(at: Reading, volunteer: Volunteer, rules: Rules, now: datetime) -> OwnShifts:
    """What a host has, can take and can swap."""
    theirs = await store.assignments_of(at, volunteer.volunteer_id)
    own = sorted((one for one in theirs if _to_come(one, now)), key=lambda one: one.task.at or now)
    catalogue = await store.catalogue(at)
    free = []
    for rota in await store.rotas_between(at, now, now + LOOKS_AHEAD):
        if rota.free(now) and _reaches(volunteer, rota, theirs, rules):
            with suppress(DomainError):
                offered("", volunteer, rota.shift.task, theirs, catalogue, rules, now)
                free.append(rota)
    programmes = sorted({one.task.programme_id for one in own})
    others = await store.assignments_in(at, programmes, [VolunteerRole.HOST])
    swappable = {
        one.assignment_id: sorted(
            (other for other in others[one.task.programme_id] if can_swap(one, other, theirs, now)),
            key=lambda other: other.task.at or now,
        )
        for one in own
    }
    proposed: dict[str, list[Swap]] = {}
    for swap in await store.swaps_with(at, [one.assignment_id for one in own]):
        if swap.gives in swappable and (await store.assignment(at, swap.offer_id)).status_at(now) is OFFERED:
            proposed.setdefault(swap.gives, []).append(swap)
    return OwnShifts(own, free, swappable, proposed)


OFFERED = AssignmentStatus.OFFERED


def _to_come(one: Assignment, now: datetime) -> bool:
    at = one.task.at
    return (
        one.role is VolunteerRole.HOST
        and one.status is AssignmentStatus.ACCEPTED
        and one.task.session_id is not None
        and at is not None
        and at > now
    )


def _reaches(volunteer: Volunteer, rota: Rota, theirs: Sequence[Assignment], rules: Rules) -> bool:
    """Whether a shift is near, or in a house where they have been."""
    return rules.near(volunteer.municipality, rota.shift.municipality) or any(
        one.task.programme_id == rota.shift.programme_id for one in theirs
    )
