"""Keep up with programmes, their sessions and what coordinators say of them."""

from datetime import date

from motesplats_events import Format
from services.evaluation import publishes
from services.evaluation.domain.surveys import HeldSession, Programme, surveys_due
from services.evaluation.store import offers, programmes, sums, surveys, volunteers
from shared.delivery import Transaction, put_if_newer
from shared.mongo import Document


async def follow_programme(
    tx: Transaction,
    programme: Programme,
    sequence: int,
    *,
    kind: str,
    format: Format,
    lists_people: bool,
    copy_of: str | None,
) -> None:
    """A programme was planned or changed.

    Args:
        lists_people: people register for it.
        copy_of: the programme of an earlier season that it goes on with.
    """
    fields: Document = {
        "title": programme.title,
        "organiser": programme.organiser,
        "municipality": programme.municipality,
        "place": programme.place,
        "sessions": [
            {"session_id": s.session_id, "starts_at": s.starts_at, "theme": s.theme} for s in programme.sessions
        ],
        "kind": kind,
        "format": format.value,
        "lists_people": lists_people,
        "copy_of": copy_of,
    }
    before = await programmes.programme(tx, programme.programme_id)
    if await put_if_newer(tx, "programmes", programme.programme_id, sequence, fields):
        if before is None or before.place != programme.place:
            # Where its hosts have been is called otherwise now.
            await sums.note_news(tx, sums.VOLUNTEER, await volunteers.in_programme(tx, programme.programme_id))
        await open_due_surveys(tx, programme.programme_id)
        # Whether another goes on with it, and which one goes on with what it continues, can have changed too.
        about = [programme.programme_id, *await offers.seasons_beside(tx, programme.programme_id, copy_of)]
        await sums.note_news(tx, sums.OFFER, about)


async def follow_session(
    tx: Transaction, session: HeldSession, visitors: int, visitors_by_role: dict[str, int], sequence: int
) -> None:
    """A session was held, or its attendance or headcount corrected."""
    fields = {
        "programme_id": session.programme_id,
        "theme": session.theme,
        "starts_at": session.starts_at,
        "attended": session.attended,
        "visitors": visitors,
        "visitors_by_role": visitors_by_role,
    }
    if await put_if_newer(tx, "sessions", session.session_id, sequence, fields):
        await open_due_surveys(tx, session.programme_id)
        await sums.note_news(tx, sums.OFFER, [session.programme_id])


async def follow_headcount(
    tx: Transaction, session_id: str, programme_id: str, first_visits: int, age_bands: dict[str, int], sequence: int
) -> None:
    """It became known who came to a drop-in, as far as they liked to say."""
    fields = {"programme_id": programme_id, "first_visits": first_visits, "age_bands": age_bands}
    if await put_if_newer(tx, "headcounts", session_id, sequence, fields):
        await sums.note_news(tx, sums.OFFER, [programme_id])


async def follow_sufficiency(
    tx: Transaction, programme_id: str, enough: bool, answered_on: date, sequence: int
) -> None:
    """A coordinator said whether there are enough volunteers. Every answer is kept, for reports at earlier dates."""
    await offers.add_answer(tx, programme_id, sequence, answered_on, enough)
    await sums.note_news(tx, sums.OFFER, [programme_id])


async def follow_assignment(
    tx: Transaction, assignment_id: str, programme_id: str, role: str, completed_on: date, sequence: int
) -> None:
    """A volunteer has done an assignment."""
    fields = {"programme_id": programme_id, "role": role, "completed_on": completed_on.isoformat()}
    await put_if_newer(tx, "assignments", assignment_id, sequence, fields)


async def open_due_surveys(tx: Transaction, programme_id: str) -> None:
    """Open the surveys whose time has come."""
    programme = await programmes.programme(tx, programme_id)
    held = await programmes.held_sessions(tx, programme_id)
    opened = {survey.survey_id for survey in await surveys.surveys(tx, programme_id)}
    for survey in surveys_due(programme_id, programme, held, opened, tx.now):
        await surveys.add_survey(tx, survey)
        tx.publish(publishes.survey_opened(survey), sequence=survey.version)
