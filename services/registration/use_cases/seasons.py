"""A programme again: copied to a new season, and the queue carried over."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4
from zoneinfo import ZoneInfo

from motesplats_events import CancellationReason, RegistrationStatus
from services.registration import store
from services.registration.domain.programmes import Programme
from services.registration.domain.queue import Entry
from services.registration.domain.registrations import Registration, queue_of
from services.registration.domain.seasons import check_carry_over
from services.registration.use_cases.places import can_be_asked, offer_places, pass_on
from services.registration.use_cases.registering import admit, end
from shared.access import Staff, may
from shared.delivery import Reading, Transaction


async def queue_before(at: Reading, copy_of: str | None, staff: Staff) -> tuple[Programme, int] | None:
    """The programme that another is a copy of, and how many wait there; None where nobody does, or it is not theirs."""
    known = await store.programmes(at, [copy_of]) if copy_of else {}
    waiting = await store.waiting(at, copy_of) if copy_of else []
    if copy_of not in known or not waiting or not staff.sees(known[copy_of]):
        return None
    return known[copy_of], len(waiting)


async def carry_over(tx: Transaction, programme_id: str, to: str, staff: Staff, zone: ZoneInfo) -> int:
    """Offer everybody who waits for one programme a place in another, in the order of the queue.

    For whom there is no place, the wait goes on there. Whoever has registered there already is left out. Who wants no
    messages for now waits on where they are.

    Returns:
        How many were carried over.

    Raises:
        Forbidden, ProgrammeNotFound.
        NotTheSame: the other is of another kind, has begun, or is the same.
    """
    programme, other = await store.programme(tx, programme_id), await store.programme(tx, to)
    may(staff, programme)
    may(staff, other)
    check_carry_over(programme, other, tx.now, zone)
    waiting = {r.participant_id: r for r in await store.waiting(tx, programme_id)}
    there = await store.active_registrations(tx, to, [r.person_id for r in waiting.values()])
    carried = 0
    for entry in queue_of(waiting.values()):
        together = [waiting[id] for id in entry.participant_ids]
        if not await can_be_asked(tx, together):
            continue
        for one in together:
            await end(tx, programme, one, zone, CancellationReason.CARRIED_OVER)
        new = [_again(tx, other, one) for one in together if one.person_id not in there]
        carried += len(new)
        await _place(tx, await store.programme(tx, to), new, zone)
    return carried


def _again(tx: Transaction, programme: Programme, before: Registration) -> Registration:
    return replace(
        before,
        participant_id=str(uuid4()),
        programme_id=programme.programme_id,
        status=RegistrationStatus.WAITING,
        ticket=None,
        registered_at=tx.now,
        repeated=0,
        version=1,
        contact_version=1,
    )


async def _place(tx: Transaction, programme: Programme, new: Sequence[Registration], zone: ZoneInfo) -> None:
    programme = await pass_on(tx, programme, [Entry(0, tuple(one.role for one in new))])
    # Nobody has asked for these days, so that a place is offered and not given.
    if new and not await offer_places(tx, programme, new, zone):
        await admit(tx, programme, [new], zone)
