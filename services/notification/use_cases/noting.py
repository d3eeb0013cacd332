"""Note what other services tell, and that it has to be planned for."""

from collections.abc import Sequence
from datetime import datetime

from services.notification.domain.assignments import Assignment
from services.notification.domain.people import Answer, Contact, Registration, Wish
from services.notification.domain.programmes import MeetingLink, Programme, SessionChange
from services.notification.domain.surveys import Survey
from services.notification.store import changes
from services.notification.store.changes import Changed
from services.notification.store.facts import assignments, people, programmes, surveys
from shared.delivery import Transaction

# Programmes


async def note_programme(tx: Transaction, programme: Programme, at: datetime) -> None:
    """Keep a programme as it stands since `at`."""
    if await programmes.keep_programme(tx, programme, at):
        await changes.note(tx, Changed.PROGRAMME, programme.programme_id)


async def note_session_change(tx: Transaction, change: SessionChange) -> None:
    """Keep that a session was moved or cancelled."""
    await programmes.add_change(tx, change)
    await changes.note(tx, Changed.PROGRAMME, change.programme_id)


async def note_link(tx: Transaction, link: MeetingLink) -> None:
    """Keep where a programme meets digitally."""
    if await programmes.keep_link(tx, link):
        await changes.note(tx, Changed.PROGRAMME, link.programme_id)


# People; nothing is kept of somebody who is forgotten, however late it is told


async def note_registration(tx: Transaction, registration: Registration) -> None:
    """Keep a registration as it now stands."""
    id = registration.participant_id
    if not await people.forgotten(tx, [id]) and await people.keep_registration(tx, registration):
        await changes.note(tx, Changed.REGISTRATION, id)


async def note_answer(tx: Transaction, participant_id: str, answer: Answer) -> None:
    """Keep what staff answered to an application."""
    if not await people.forgotten(tx, [participant_id]):
        await people.keep_answer(tx, participant_id, answer)
        await changes.note(tx, Changed.REGISTRATION, participant_id)


async def note_repeat(tx: Transaction, participant_id: str, at: datetime) -> None:
    """Note that somebody who is registered sent the form again."""
    if not await people.forgotten(tx, [participant_id]):
        await people.add_repeat(tx, participant_id, at)
        await changes.note(tx, Changed.REGISTRATION, participant_id)


async def note_wish(tx: Transaction, wish: Wish, sequence: int) -> None:
    """Keep a wish as it now stands."""
    if not await people.forgotten(tx, [wish.wish_id]) and await people.keep_wish(tx, wish, sequence):
        await changes.note(tx, Changed.WISH, wish.wish_id)


async def note_contact(tx: Transaction, contact: Contact, sequence: int) -> None:
    """Keep how to reach somebody, that they want a pause, or that they asked to be forgotten."""
    if await people.keep_contact(tx, contact, sequence):
        await changes.note(tx, Changed.CONTACT, contact.id)


async def note_erasure(tx: Transaction, id: str) -> None:
    """Delete what is known of somebody; planning then deletes the messages, and what is being noted at this moment."""
    await people.forget(tx, id)
    await surveys.delete_attendance(tx, [id])
    await changes.note(tx, Changed.CONTACT, id)


# Surveys


async def note_attendance(tx: Transaction, session_id: str, attended: Sequence[str], sequence: int) -> None:
    """Keep who attended a session."""
    gone = await people.forgotten(tx, attended)
    if await surveys.keep_attendance(tx, session_id, [id for id in attended if id not in gone], sequence):
        await changes.note(tx, Changed.ATTENDANCE, session_id)


async def note_survey(tx: Transaction, survey: Survey, sequence: int) -> None:
    """Keep a survey that was opened."""
    if await surveys.keep_survey(tx, survey, sequence):
        await changes.note(tx, Changed.SURVEY, survey.survey_id)


# Volunteers


async def note_offer(tx: Transaction, offer: Assignment, sequence: int) -> None:
    """Keep that a volunteer was asked."""
    if await assignments.keep_offer(tx, offer, sequence):
        await changes.note(tx, Changed.ASSIGNMENT, offer.assignment_id)


async def note_assignment(tx: Transaction, assignment: Assignment, sequence: int) -> None:
    """Keep an assignment as it now stands."""
    if await assignments.keep_assignment(tx, assignment, sequence):
        await changes.note(tx, Changed.ASSIGNMENT, assignment.assignment_id)
