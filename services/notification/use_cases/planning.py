"""Bring the messages in line with what is known."""

from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

from services.notification.domain.messages import SURVEYS, UNFINISHED, Message, Reason, Status, Wanted
from services.notification.domain.people import Contact
from services.notification.domain.planning import plan
from services.notification.domain.sending import why_not
from services.notification.domain.surveys import Survey, invite
from services.notification.publishes import survey_invitations_minted
from services.notification.store import changes, messages
from services.notification.store.changes import Changed
from services.notification.store.facts import assignments, people, surveys
from services.notification.use_cases.situations import situations
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

    moved, asked = ids(Changed.PROGRAMME), ids(Changed.ASSIGNMENT)
    concerned = {*ids(Changed.REGISTRATION), *ids(Changed.CONTACT), *ids(Changed.WISH)}
    gone = await _leave_nothing(tx, concerned, ids(Changed.ATTENDANCE))
    if moved:
        concerned.update(await people.participants_of(tx, moved))
    if moved or asked:
        concerned.update(await assignments.volunteers_of(tx, asked, moved))
    if concerned:
        await _plan_for(tx, concerned, zone)
    if ids(Changed.CONTACT):
        await _reach_anew(tx, ids(Changed.CONTACT))
    if ids(Changed.SURVEY) or ids(Changed.ATTENDANCE):
        for survey in await surveys.unminted_surveys(tx, ids(Changed.SURVEY), ids(Changed.ATTENDANCE)):
            await _invite(tx, survey)
    if gone:
        await messages.forget(tx, gone)
    await changes.forget(tx, changed)
    return len(changed)


async def _leave_nothing(tx: Transaction, ids: Collection[str], sessions: Collection[str]) -> Collection[str]:
    """Delete what is known of those who are forgotten, among those of whom something was told; who they are.

    Here too, and not only when it is told: two events that are applied at the same time do not see each other, and
    what one told of somebody whom the other let be forgotten would stay.
    """
    attended = (await surveys.attendance(tx, sessions)).values() if sessions else []
    told = {*ids, *(id for session in attended for id in session)}
    gone = await people.forgotten(tx, told) if told else set()
    if gone:
        await people.delete(tx, gone)
        await surveys.delete_attendance(tx, gone)
    return gone


async def _plan_for(tx: Transaction, concerned: Collection[str], zone: ZoneInfo) -> None:
    known = await situations(tx, concerned)
    present = {message.id: message for message in await messages.messages_to(tx, concerned)}
    wanted = {one.id: one for situation in known.values() for one in plan(situation, zone)}

    await messages.add(tx, [one for one in wanted.values() if one.id not in present])
    for one in wanted.values():
        if one.id in present and _differs(one, present[one.id]):
            await messages.reschedule(tx, one)
    reasons = {
        message.id: why_not(message, known[message.recipient])
        for message in present.values()
        if message.status in UNFINISHED and message.kind not in SURVEYS and message.id not in wanted
    }
    await messages.drop(tx, reasons)
    await _hold_back(tx, {id: situation.contact for id, situation in known.items()})


async def _hold_back(tx: Transaction, contacts: Mapping[str, Contact | None]) -> None:
    """Nothing more leaves for who wants a pause, and nothing is lost either."""
    if paused := [id for id, contact in contacts.items() if contact and contact.paused]:
        await messages.hold(tx, paused)


def _differs(wanted: Wanted, present: Message) -> bool:
    if present.status is Status.DROPPED:
        # What came too late once comes too late again.
        return present.reason is not Reason.TOO_LATE or wanted.expires_at != present.expires_at
    moved = (wanted.due_at, wanted.expires_at) != (present.due_at, present.expires_at)
    return present.status in {Status.QUEUED, Status.PAUSED} and moved


async def _reach_anew(tx: Transaction, ids: Collection[str]) -> None:
    """A new address may reach whom the old one did not; an erased one reaches nobody."""
    contacts = await people.contacts(tx, ids)
    unfinished = [m for m in await messages.messages_to(tx, ids) if m.status in UNFINISHED]
    gone = {m.id: Reason.ERASED for m in unfinished if contacts[m.recipient].erased}
    await messages.drop(tx, gone)
    stuck = [m for m in unfinished if m.id not in gone and m.status is not Status.QUEUED]
    waiting = [m.id for m in stuck if not contacts[m.recipient].paused]
    if waiting:
        await messages.requeue(tx, waiting)


async def _invite(tx: Transaction, survey: Survey) -> None:
    minted = invite(survey, await surveys.attendance(tx, survey.audience))
    if minted is None:
        return
    invitations, hashes = minted
    await messages.add(tx, invitations)
    await _hold_back(tx, await people.contacts(tx, [one.recipient for one in invitations]))
    await surveys.set_minted(tx, survey.survey_id)
    tx.publish(survey_invitations_minted(survey, hashes), sequence=FIRST_BATCH)
