"""Conversation groups: a proposal, and what the coordinator makes of it."""

from collections.abc import Sequence

from motesplats_events import RegistrationStatus
from services.registration import store
from services.registration.domain.groups import Group, Groups, Pairs, Person, check_groups
from shared.access import Staff, may
from shared.delivery import Reading, Transaction


async def people_to_group(at: Reading, programme_id: str) -> Sequence[Person]:
    """Everybody who has a place, in the order in which they registered."""
    return [
        Person(r.participant_id, r.role, r.pair_id)
        for r in await store.registrations(at, programme_id)
        if r.status is RegistrationStatus.CONFIRMED
    ]


async def save_groups(
    tx: Transaction, programme_id: str, groups: Sequence[Group], pairs: Pairs, seen: int, staff: Staff
) -> Groups:
    """Store the groups of a programme.

    Args:
        seen: the version of the groups that were changed; 0 where there were none.

    Raises:
        ProgrammeNotFound, Forbidden.
        Conflict: somebody else has changed them.
        Invalid: names each group.
    """
    programme = await store.programme(tx, programme_id)
    may(staff, programme)
    people = await people_to_group(tx, programme_id)
    check_groups(groups, {one.participant_id: one.role for one in people})
    after = Groups(programme_id, groups, pairs, seen + 1)
    await store.save_groups(tx, after)
    return after
