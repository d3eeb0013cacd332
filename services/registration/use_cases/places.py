"""Places that become free: who gets them, offers and their answers, and what falls due."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from motesplats_events import CancellationReason, ParticipantContactChanged, RegistrationStatus
from services.registration import publishes, store
from services.registration.domain.programmes import Programme, Promotion, entry_day, takes_in
from services.registration.domain.queue import Entry, answer_by, moving_up, with_places
from services.registration.domain.registrations import (
    NothingOffered,
    ProgrammeIsFull,
    Registration,
    cancelled,
    check_offer,
    offered,
    promoted,
    queue_of,
)
from services.registration.domain.releases import could_fit, passed_on, released
from services.registration.domain.wishes import Wish
from shared.access import Staff, may
from shared.delivery import Reading, Transaction


async def give_free_places(tx: Transaction, programme_id: str, zone: ZoneInfo) -> None:
    """Give every place that is free to who is next, or hold it for them; afterwards nobody waits who fits.

    What the queue of a role leaves goes to another, where places have been released to it. What all leave is offered
    to those who wished for such a programme.
    """
    programme = await store.programme(tx, programme_id)
    if not programme.has_more(tx.now):
        return
    waiting = {r.participant_id: r for r in await store.waiting(tx, programme_id)}
    next_ones = moving_up(programme, queue_of(waiting.values()))
    while next_ones:
        entry = next_ones.pop(0)
        together = [waiting.pop(id) for id in entry.participant_ids]
        if not await can_be_asked(tx, together):
            next_ones = moving_up(programme, queue_of(waiting.values()))
            continue
        if not await _give(tx, programme, entry, together, zone):
            return
        programme = with_places(programme, entry)
    # Once more at most: what goes to another role now goes to who fits then.
    if await pass_on(tx, programme, queue_of(waiting.values())) is not programme:
        await give_free_places(tx, programme_id, zone)
    else:
        await _meet_wishes(tx, programme, zone)


async def can_be_asked(at: Reading, together: Iterable[Registration]) -> bool:
    """Whether a place is for these now: who wants no messages is passed over, keeps their turn, and is asked later."""
    people = await store.people(at, [one.person_id for one in together])
    return all(person.can_be_asked for person in people.values())


async def pass_on(tx: Transaction, programme: Programme, queue: Sequence[Entry], *, beyond: bool = False) -> Programme:
    """Let places that are left go the way of the releases to these, see `passed_on`; they are still to be taken."""
    after = passed_on(programme, queue, beyond=beyond)
    if after is not programme:
        await store.save_programme(tx, after)
        tx.publish(publishes.programme_planned(after), sequence=after.version)
    return after


async def somebody_fits(at: Reading, programme: Programme, now: datetime, zone: ZoneInfo) -> bool:
    """Whether somebody in the queue could have a place now; a pair may wait while one place is free."""
    if not programme.has_more(now) or not takes_in(programme, now, now.astimezone(zone).date()):
        return False
    waiting = {r.participant_id: r for r in await store.waiting(at, programme.programme_id)}
    for entry in queue_of(waiting.values()):
        if could_fit(entry, programme) and await can_be_asked(at, [waiting[id] for id in entry.participant_ids]):
            return True
    return False


async def _give(
    tx: Transaction,
    programme: Programme,
    entry: Entry,
    together: Sequence[Registration],
    zone: ZoneInfo,
    *,
    beyond: bool = False,
) -> bool:
    """Give or offer an entry of the queue its places; False where nobody can come in now."""
    today = tx.now.astimezone(zone).date()
    starts_on = entry_day(programme, tx.now, today) if programme.has_members else None
    if not takes_in(programme, tx.now, today):
        return False
    # Without time to ask, the place is given: else it would stand idle, or go to a newcomer.
    end = answer_by(programme, tx.now, zone) if programme.promotion is Promotion.OFFER else None
    if not await store.take_places(tx, programme, entry.wants, beyond=beyond):
        raise ProgrammeIsFull("All places are taken")
    await store.leave_queue(tx, programme.programme_id, entry.wants)
    for before in together:
        after = promoted(before, tx.now, starts_on) if end is None else offered(before, end)
        await store.save_registration(tx, after)
        _announce_place(tx, programme, after)
    return True


def _announce_place(tx: Transaction, programme: Programme, after: Registration) -> None:
    if after.status is RegistrationStatus.OFFERED:
        tx.publish(publishes.place_offered(after), sequence=after.version)
    elif after.announced:
        tx.publish(publishes.registration_promoted(after), sequence=after.version)
    else:
        tx.publish(publishes.participant_registered(after, programme, None), sequence=after.version)


async def offer_places(tx: Transaction, programme: Programme, together: Sequence[Registration], zone: ZoneInfo) -> bool:
    """Hold places for one or two who have not asked for this very programme; False where there are none.

    They are announced as registered only when the answer is yes.
    """
    end = answer_by(programme, tx.now, zone)
    if end is None or not takes_in(programme, tx.now, tx.now.astimezone(zone).date()):
        return False
    if not await store.take_places(tx, programme, Counter(one.role for one in together)):
        return False
    held_for = [replace(one, status=RegistrationStatus.OFFERED, answer_by=end, announced=False) for one in together]
    await store.add_registrations(tx, held_for)
    for held in held_for:
        tx.publish(publishes.place_offered(held), sequence=held.version)
        tx.publish_current(ParticipantContactChanged, held.participant_id, sequence=held.contact_version)
    return True


async def _meet_wishes(tx: Transaction, programme: Programme, zone: ZoneInfo) -> None:
    for wish in await store.open_wishes(tx, programme.kind):
        if wish.offered or not wish.is_for(programme) or not programme.free(wish.role):
            continue
        if await store.active_registrations(tx, programme.programme_id, [wish.person_id]):
            continue
        registration = Registration(
            participant_id=str(uuid4()),
            programme_id=programme.programme_id,
            person_id=wish.person_id,
            role=wish.role,
            status=RegistrationStatus.WAITING,
            ticket=None,
            language=wish.language,
            reminders=True,
            registered_at=tx.now,
            wish_id=wish.wish_id,
        )
        if not await can_be_asked(tx, [registration]):
            continue
        programme = await pass_on(tx, programme, [Entry(0, (wish.role,))])
        if not await offer_places(tx, programme, [registration], zone):
            return
        await store.save_wish(tx, replace(wish, offered=registration.participant_id, version=wish.version + 1))
        programme = with_places(programme, Entry(0, (wish.role,)))


async def meet_wish(tx: Transaction, wish_id: str, zone: ZoneInfo) -> None:
    """Offer a place that is free now in any programme to who wishes for one of its sort, or to who is before them."""
    wish = await store.wish(tx, wish_id)
    if not wish.waits:
        return
    for programme in await store.programmes_with_free_places(tx, wish.kind, tx.now):
        if wish.is_for(programme) and programme.open_for_registration(tx.now) and programme.free(wish.role):
            await give_free_places(tx, programme.programme_id, zone)
            if (await store.wish(tx, wish_id)).offered:
                return


async def accept_offer(tx: Transaction, participant_id: str, zone: ZoneInfo) -> Registration:
    """Say yes; for both, where two were offered places together.

    Raises:
        RegistrationNotFound, NothingOffered.
    """
    before = await store.registration(tx, participant_id)
    check_offer(before, tx.now)
    programme = await store.programme(tx, before.programme_id)
    today = tx.now.astimezone(zone).date()
    if not takes_in(programme, tx.now, today):
        raise NothingOffered("New members do not come in any more: no day for it is left, or no session is to come")
    starts_on = entry_day(programme, tx.now, today) if programme.has_members else None
    for one in await store.together_with(tx, before):
        after = promoted(one, tx.now, starts_on)
        await store.save_registration(tx, replace(after, announced=True))
        _announce_place(tx, programme, after)
    if before.wish_id:
        wish = await store.wish(tx, before.wish_id)
        await save_wish(tx, replace(wish, open=False, offered=None))
    return await store.registration(tx, participant_id)


async def decline_offer(tx: Transaction, participant_id: str, zone: ZoneInfo) -> None:
    """Say no; for both, where two were offered places together. The places go to the next in the same step.

    Who had wished for any such programme stays in line for the next one.

    Raises:
        RegistrationNotFound, NothingOffered.
    """
    before = await store.registration(tx, participant_id)
    check_offer(before, tx.now)
    await end_offer(tx, before, zone, CancellationReason.OFFER_DECLINED)


async def expire_offer(tx: Transaction, participant_id: str, zone: ZoneInfo) -> bool:
    """Give a place on that was held for somebody who has not answered in time; False if there is nothing to do."""
    before = await store.registration(tx, participant_id)
    if before.status is not RegistrationStatus.OFFERED or before.answer_by is None or tx.now < before.answer_by:
        return False
    await end_offer(tx, before, zone, CancellationReason.OFFER_EXPIRED)
    return True


async def end_offer(tx: Transaction, before: Registration, zone: ZoneInfo, reason: CancellationReason) -> None:
    """End an offer, whether or not it can still be answered; for both, where two were offered places together.

    Raises:
        NothingOffered.
    """
    programme = await store.programme(tx, before.programme_id)
    if before.status is not RegistrationStatus.OFFERED:
        raise NothingOffered("There is no offer to answer any more")
    for one in await store.together_with(tx, before):
        after = cancelled(one, programme, tx.now, reason)
        await store.save_registration(tx, after)
        await store.free_places(tx, programme.programme_id, Counter([one.role]))
        tx.publish(publishes.registration_cancelled(after, held_a_place=False), sequence=after.version)
    if before.wish_id:
        wish = await store.wish(tx, before.wish_id)
        # Who says no waits for another; who does not answer would hold up every programme to come.
        stays = reason is not CancellationReason.OFFER_EXPIRED
        declined = [*wish.declined, programme.programme_id]
        await save_wish(tx, replace(wish, declined=declined, offered=None, open=wish.open and stays))
    await give_free_places(tx, programme.programme_id, zone)
    if before.wish_id:
        await meet_wish(tx, before.wish_id, zone)


async def save_wish(tx: Transaction, wish: Wish) -> None:
    """Store a changed wish under its next version, and announce it."""
    after = replace(wish, version=wish.version + 1)
    await store.save_wish(tx, after)
    tx.publish(publishes.wish_changed(after), sequence=after.version)


async def take_in_one_more(tx: Transaction, programme_id: str, staff: Staff, zone: ZoneInfo) -> Registration:
    """Give the next in the queue a place above the optimum of a group, though never above its places.

    Raises:
        Forbidden, ProgrammeNotFound.
        ProgrammeIsFull: no place is left, or nobody waits who fits.
    """
    programme = await store.programme(tx, programme_id)
    may(staff, programme)
    waiting = {r.participant_id: r for r in await store.waiting(tx, programme_id)}
    queue, without_optimum = queue_of(waiting.values()), replace(programme, optimum=None)
    next_ones = moving_up(without_optimum, queue) or [one for one in queue if could_fit(one, without_optimum)]
    for entry in next_ones:
        together = [waiting[id] for id in entry.participant_ids]
        if not await can_be_asked(tx, together):
            continue
        programme = await pass_on(tx, programme, [entry], beyond=True)
        if not await _give(tx, programme, entry, together, zone, beyond=True):
            raise ProgrammeIsFull("Nobody can come in now: there is no entry day or no session to come")
        return await store.registration(tx, entry.participant_ids[0])
    raise ProgrammeIsFull("Nobody waits for whom there is a place")


async def release_places(tx: Transaction, programme_id: str, zone: ZoneInfo) -> None:
    """Move the places that one role has left to another, where the date for it has come."""
    programme = await store.programme(tx, programme_id)
    after = released(programme, tx.now)
    if after is programme:
        return
    await store.save_programme(tx, after)
    tx.publish(publishes.programme_planned(after), sequence=after.version)
    await give_free_places(tx, programme_id, zone)
