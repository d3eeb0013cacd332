"""Bring the messages in line with what is known."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

from services.notification.domain.planning import invite, plan, plan_offer
from services.notification.domain.sending import why_not
from services.notification.domain.values import OF_A_REGISTRATION, UNFINISHED, Message, Reason, Status, Survey, Wanted
from services.notification.publishes import survey_invitations_minted
from services.notification.store import changes, facts, messages
from services.notification.store.changes import Changed
from shared.delivery import Reading, Transaction

AT_A_TIME = 100
FIRST_BATCH = 1


async def anything_changed(at: Reading) -> bool:
    """Whether there is anything to plan for."""
    return bool(await changes.waiting(at, 1))


async def plan_what_changed(tx: Transaction, zone: ZoneInfo) -> int:
    """Bring the messages in line with what has become known since; how many changes were looked at.

    Running it twice, or in two processes, plans nothing twice: a message's id says whom it is for and why.
    """
    changed = await changes.waiting(tx, AT_A_TIME)
    if not changed:
        return 0

    def ids(what: Changed) -> list[str]:
        return [change.id for change in changed if change.what is what]

    moved = ids(Changed.PROGRAMME)
    people = {*ids(Changed.REGISTRATION), *ids(Changed.CONTACT)}
    if moved:
        people.update(await facts.participants_of(tx, moved))
    if people:
        await _plan_for(tx, people, zone)
    if ids(Changed.CONTACT):
        await _reach_anew(tx, ids(Changed.CONTACT))
    if asked := ids(Changed.OFFER):
        await _plan_offers(tx, asked)
    if ids(Changed.SURVEY) or ids(Changed.ATTENDANCE):
        for survey in await facts.unminted_surveys(tx, ids(Changed.SURVEY), ids(Changed.ATTENDANCE)):
            await _invite(tx, survey)
    await changes.forget(tx, changed)
    return len(changed)


async def _plan_for(tx: Transaction, people: Collection[str], zone: ZoneInfo) -> None:
    registrations = await facts.registrations(tx, people)
    contacts = await facts.contacts(tx, people)
    repeats = await facts.repeats(tx, people)
    programmes = await facts.programmes(tx, {r.programme_id for r in registrations.values()})
    present = {message.id: message for message in await messages.messages_to(tx, people)}
    wanted: dict[str, Wanted] = {}
    for id, registration in registrations.items():
        programme = programmes.get(registration.programme_id)
        for one in plan(registration, programme, contacts.get(id), zone, repeats.get(id, ())):
            wanted[one.id] = one

    await messages.add(tx, [one for one in wanted.values() if one.id not in present])
    for one in wanted.values():
        if one.id in present and _differs(one, present[one.id]):
            await messages.reschedule(tx, one)
    reasons = {
        message.id: why_not(message, registrations.get(message.recipient), contacts.get(message.recipient))
        for message in present.values()
        if message.status in UNFINISHED and message.kind in OF_A_REGISTRATION and message.id not in wanted
    }
    await messages.drop(tx, reasons)


def _differs(wanted: Wanted, present: Message) -> bool:
    if present.status is Status.DROPPED:
        # What came too late once comes too late again.
        return present.reason is not Reason.TOO_LATE or wanted.expires_at != present.expires_at
    moved = (wanted.due_at, wanted.expires_at) != (present.due_at, present.expires_at)
    return present.status is Status.QUEUED and moved


async def _reach_anew(tx: Transaction, people: Collection[str]) -> None:
    """A new address may reach whom the old one did not; an erased one reaches nobody."""
    contacts = await facts.contacts(tx, people)
    unfinished = [m for m in await messages.messages_to(tx, people) if m.status in UNFINISHED]
    gone = {m.id: Reason.ERASED for m in unfinished if contacts[m.recipient].erased}
    await messages.drop(tx, gone)
    waiting = [m.id for m in unfinished if m.id not in gone and m.status is not Status.QUEUED]
    if waiting:
        await messages.requeue(tx, waiting)


async def _plan_offers(tx: Transaction, assignment_ids: Collection[str]) -> None:
    wanted = [plan_offer(offer) for offer in await facts.offers(tx, assignment_ids)]
    present = {message.id for message in await messages.messages_to(tx, {one.recipient for one in wanted})}
    await messages.add(tx, [one for one in wanted if one.id not in present])


async def _invite(tx: Transaction, survey: Survey) -> None:
    minted = invite(survey, await facts.attendance(tx, survey.audience))
    if minted is None:
        return
    invitations, hashes = minted
    await messages.add(tx, invitations)
    await facts.set_minted(tx, survey.survey_id)
    tx.publish(survey_invitations_minted(survey, hashes), sequence=FIRST_BATCH)
