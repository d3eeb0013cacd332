"""Note what other services tell, and that it has to be planned for."""

from collections.abc import Sequence
from datetime import datetime

from services.notification.domain.values import Contact, Offer, Programme, Registration, Survey
from services.notification.store import changes, facts
from services.notification.store.changes import Changed
from shared.delivery import Transaction


async def note_programme(tx: Transaction, programme: Programme) -> None:
    """Keep a programme as it now stands."""
    if await facts.keep_programme(tx, programme):
        await changes.note(tx, Changed.PROGRAMME, programme.programme_id)


async def note_registration(tx: Transaction, registration: Registration) -> None:
    """Keep a registration as it now stands."""
    if await facts.keep_registration(tx, registration):
        await changes.note(tx, Changed.REGISTRATION, registration.participant_id)


async def note_repeat(tx: Transaction, participant_id: str, at: datetime) -> None:
    """Note that somebody who is registered sent the form again."""
    await facts.add_repeat(tx, participant_id, at)
    await changes.note(tx, Changed.REGISTRATION, participant_id)


async def note_contact(tx: Transaction, contact: Contact, sequence: int) -> None:
    """Keep how to reach somebody, or that they asked to be forgotten."""
    if await facts.keep_contact(tx, contact, sequence):
        await changes.note(tx, Changed.CONTACT, contact.id)


async def note_attendance(tx: Transaction, session_id: str, attended: Sequence[str], sequence: int) -> None:
    """Keep who attended a session."""
    if await facts.keep_attendance(tx, session_id, attended, sequence):
        await changes.note(tx, Changed.ATTENDANCE, session_id)


async def note_survey(tx: Transaction, survey: Survey, sequence: int) -> None:
    """Keep a survey that was opened."""
    if await facts.keep_survey(tx, survey, sequence):
        await changes.note(tx, Changed.SURVEY, survey.survey_id)


async def note_offer(tx: Transaction, offer: Offer, sequence: int) -> None:
    """Keep that a volunteer was asked."""
    if await facts.keep_offer(tx, offer, sequence):
        await changes.note(tx, Changed.OFFER, offer.assignment_id)
