"""Group leaders and lecturers: putting them in a programme, and what is missing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers import store
from services.volunteers.domain.assignments import Assignment, assigned, offered
from services.volunteers.domain.programmes import Programme
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.staffing import NEAR, Lecture, Staffing, check_session, staffing_of
from services.volunteers.domain.tasks import one_session, same, whole_programme
from services.volunteers.use_cases.changing import add, close_unanswered, offer_task, save, say_yes
from services.volunteers.use_cases.pool import seen_volunteer
from shared.access import Staff, may
from shared.delivery import Reading, Transaction


class Part(BaseModel):
    """Somebody's part in a programme.

    Attributes:
        session_id: for one session; None for the whole programme.
        said_yes: they have said yes already; otherwise they are asked and get a message with a link.
    """

    volunteer_id: str
    role: Literal[VolunteerRole.GROUP_LEADER, VolunteerRole.LECTURER]
    session_id: str | None = None
    said_yes: bool = False


async def place_volunteer(
    tx: Transaction, programme_id: str, part: Part, staff: Staff, assignment_id: str, rules: Rules
) -> Assignment:
    """Ask a volunteer to lead or to lecture, or put them there when they have said yes, also to an offer.

    Args:
        assignment_id: made by the caller, so that a repeated run cannot make two.

    Raises:
        ProgrammeNotFound, SessionNotFound, Forbidden, ProgrammeIsOver, SessionIsOver, VolunteerNotFound, and what
        `offered` and `hindered` find.
    """
    programme = await store.programme(tx, programme_id)
    may(staff, programme)
    volunteer = await seen_volunteer(tx, part.volunteer_id, staff)
    if part.session_id is None:
        task = whole_programme(programme, part.role, "", tx.now)
    else:
        check_session(programme, part.session_id, tx.now, asked=not part.said_yes)
        task = one_session(programme, part.session_id, part.role, "")
    if not part.said_yes:
        return await offer_task(tx, volunteer, task, assignment_id, rules)
    others = await store.assignments_of(tx, volunteer.volunteer_id)
    for one in others:
        if same(one.task, task) and one.status_at(tx.now) is AssignmentStatus.OFFERED:
            return await save(tx, await say_yes(tx, one, rules))
    assignment = assigned(offered(assignment_id, volunteer, task, others, await store.catalogue(tx), rules, tx.now))
    await close_unanswered(tx, others, task)
    await add(tx, [assignment])
    return assignment


async def staffing(at: Reading, programme_id: str, staff: Staff, now: datetime) -> Staffing:
    """Who leads a programme and who lectures in it.

    Raises:
        ProgrammeNotFound, Forbidden.
    """
    programme = await store.programme(at, programme_id)
    may(staff, programme)
    return staffing_of(programme, await store.assignments(at, staff, programme_id), now)


async def short_of_leaders(at: Reading, staff: Staff, now: datetime) -> Sequence[Staffing]:
    """Programmes with a session to come in which group leaders are missing, by title."""
    found = await _staffings(at, await store.programmes_to_lead(at, staff, now), now)
    return [one for one in found if one.missing]


async def lectures_due(at: Reading, staff: Staff, now: datetime) -> Sequence[Lecture]:
    """Sessions whose lecturer should have said yes by about now, the most pressing first."""
    programmes = await store.programmes_to_lecture_in(at, staff, now, now + NEAR)
    found = await _staffings(at, programmes, now)
    due = [lecture for one in found for lecture in one.lectures if lecture.due(now)]
    return sorted(due, key=lambda lecture: (lecture.session.lecturer_by or now, lecture.session.starts_at))


async def _staffings(at: Reading, programmes: Sequence[Programme], now: datetime) -> Sequence[Staffing]:
    roles = (VolunteerRole.GROUP_LEADER, VolunteerRole.LECTURER)
    assignments = await store.assignments_in(at, [one.programme_id for one in programmes], roles)
    return [staffing_of(one, assignments.get(one.programme_id, []), now) for one in programmes]
