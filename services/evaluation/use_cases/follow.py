"""Keep up with what other services tell, in whatever order it comes."""

from collections.abc import Sequence
from datetime import date

from services.evaluation import publishes
from services.evaluation.domain.surveys import HeldSession, Programme, surveys_due
from services.evaluation.store import programmes, surveys
from shared.delivery import Transaction, put_if_newer
from shared.mongo import Document


async def follow_programme(tx: Transaction, programme: Programme, sequence: int) -> None:
    """A programme was planned or changed."""
    fields: Document = {
        "title": programme.title,
        "organiser": programme.organiser,
        "municipality": programme.municipality,
        "place": programme.place,
        "sessions": [
            {"session_id": s.session_id, "starts_at": s.starts_at, "theme": s.theme} for s in programme.sessions
        ],
    }
    if await put_if_newer(tx, "programmes", programme.programme_id, sequence, fields):
        await open_due_surveys(tx, programme.programme_id)


async def follow_registration(
    tx: Transaction, participant_id: str, programme_id: str, role: str, status: str, sequence: int
) -> None:
    """A registration was made, promoted or cancelled."""
    fields = {"programme_id": programme_id, "role": role, "status": status}
    await put_if_newer(tx, "registrations", participant_id, sequence, fields)


async def follow_session(tx: Transaction, session: HeldSession, sequence: int) -> None:
    """A session was held, or its attendance corrected."""
    fields = {
        "programme_id": session.programme_id,
        "theme": session.theme,
        "starts_at": session.starts_at,
        "attended": session.attended,
    }
    if await put_if_newer(tx, "sessions", session.session_id, sequence, fields):
        await open_due_surveys(tx, session.programme_id)


async def follow_attendance(
    tx: Transaction, session_id: str, programme_id: str, attended: Sequence[str], sequence: int
) -> None:
    """It became known, or was corrected, who came."""
    fields = {"programme_id": programme_id, "attended": sorted(set(attended))}
    await put_if_newer(tx, "attendance", session_id, sequence, fields)


async def follow_assignment(
    tx: Transaction, assignment_id: str, programme_id: str, role: str, completed_on: date, sequence: int
) -> None:
    """A volunteer has done an assignment."""
    fields = {"programme_id": programme_id, "role": role, "completed_on": completed_on.isoformat()}
    await put_if_newer(tx, "assignments", assignment_id, sequence, fields)


async def take_links(tx: Transaction, survey_id: str, hashes: Sequence[str]) -> None:
    """The links to a survey were made."""
    await surveys.add_links(tx, survey_id, hashes)


async def open_due_surveys(tx: Transaction, programme_id: str) -> None:
    """Open the surveys whose time has come."""
    programme = await programmes.programme(tx, programme_id)
    held = await programmes.held_sessions(tx, programme_id)
    opened = {survey.survey_id for survey in await surveys.surveys(tx, programme_id)}
    for survey in surveys_due(programme_id, programme, held, opened, tx.now):
        await surveys.add_survey(tx, survey)
        tx.publish(publishes.survey_opened(survey), sequence=survey.version)
