"""Forgetting people: because they ask, or because nothing is left for which they are kept."""

from zoneinfo import ZoneInfo

from motesplats_events import CancellationReason, ParticipantContactChanged, RegistrationStatus, SubjectErased
from services.registration import store
from services.registration.domain import guests
from services.registration.domain.people import LOOK_AGAIN, TIME, Deed, kept_until
from services.registration.domain.registrations import ended, forgotten, over
from services.registration.use_cases.guests import cancel_guest
from services.registration.use_cases.people import note, seen
from services.registration.use_cases.registering import cancel_registration
from services.registration.use_cases.wishes import withdraw_wish
from shared.access import Staff
from shared.delivery import Transaction


async def forget(tx: Transaction, person_id: str, by: Staff | None, zone: ZoneInfo) -> None:
    """Delete name, contact and all that was written freely. Registrations stay, as nobody's, so that counts hold.

    What is still to come is cancelled first, so that a place goes to the next in the queue.

    Args:
        by: None when the person asks.

    Raises:
        PersonNotFound: also when it has been done.
        Forbidden.
    """
    await (seen(tx, person_id, by) if by else store.person(tx, person_id))
    await _cancel_what_is_to_come(tx, person_id, CancellationReason.STAFF if by else CancellationReason.OWN, zone)
    await note(tx, person_id, Deed.FORGOTTEN, by)
    await _delete(tx, person_id)


async def forget_in_time(tx: Transaction, person_id: str, months: int, zone: ZoneInfo) -> bool:
    """Forget somebody when the time has come; else say when to look again. True if they were forgotten.

    What goes on without an end, such as a place in a group whose sessions have ended, is ended with them: else nobody
    would hold it when the group goes on.

    Args:
        months: for how long a person is kept when their last registration has ended.
    """
    person = await store.person(tx, person_id)
    registrations = await store.registrations_of(tx, person_id)
    programmes = await store.programmes(tx, [r.programme_id for r in registrations])
    until = kept_until(person, [ended(r, programmes[r.programme_id]) for r in registrations], months)
    if until > tx.now or any(wish.open for wish in await store.wishes_of(tx, person_id)):
        # Not later than that also when the time is long: it is a setting, and may become shorter.
        soon = tx.now + LOOK_AGAIN
        await store.look_at_person_again(tx, person_id, min(until, soon) if until > tx.now else soon)
        return False
    await _cancel_what_is_to_come(tx, person_id, None, zone)
    await note(tx, person_id, Deed.FORGOTTEN, None, own=TIME)
    await _delete(tx, person_id)
    return True


async def _cancel_what_is_to_come(
    tx: Transaction, person_id: str, reason: CancellationReason | None, zone: ZoneInfo
) -> None:
    """End all of it; without a reason the time has come: memberships end, and staff take back what was asked for."""
    # Wishes first: a place that was offered for one is given up with it.
    for wish in await store.wishes_of(tx, person_id):
        if wish.open:
            await withdraw_wish(tx, wish.wish_id, zone)
    for guest in await store.guests_of(tx, person_id):
        there = await store.programme(tx, guest.programme_id)
        if guest.active and there.session(guest.session_id).starts_at > tx.now:
            await cancel_guest(tx, guest.own_id, guest.guest_id, zone)
    for registration in await store.registrations_of(tx, person_id):
        programme = await store.programme(tx, registration.programme_id)
        if registration.status is not RegistrationStatus.CANCELLED and not over(registration, programme, tx.now):
            member = programme.has_members and registration.status is RegistrationStatus.CONFIRMED
            in_time = CancellationReason.MEMBERSHIP_ENDED if member else CancellationReason.STAFF
            await cancel_registration(tx, registration.participant_id, zone, reason=reason or in_time)


async def _delete(tx: Transaction, person_id: str) -> None:
    for before in await store.registrations_of(tx, person_id):
        after = forgotten(before)
        await store.save_registration(tx, after)
        tx.publish_current(ParticipantContactChanged, after.participant_id, sequence=after.contact_version)
        tx.publish(SubjectErased(subject_id=after.participant_id), sequence=after.version)
    for wish in await store.wishes_of(tx, person_id):
        await store.delete_wish(tx, wish.wish_id)
        tx.publish_current(ParticipantContactChanged, wish.wish_id, sequence=wish.contact_version + 1)
        tx.publish(SubjectErased(subject_id=wish.wish_id), sequence=wish.version + 1)
    for guest in await store.guests_of(tx, person_id):
        nobody = guests.forgotten(guest)
        await store.save_guest(tx, nobody)
        tx.publish_current(ParticipantContactChanged, nobody.guest_id, sequence=nobody.version)
        tx.publish(SubjectErased(subject_id=nobody.guest_id), sequence=nobody.version)
    await store.empty_notes_of(tx, person_id)
    await store.delete_person(tx, person_id)
