"""JSON API: group leaders and lecturers of programmes, and what is missing."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import uuid_utils
from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from services.volunteers import store
from services.volunteers.domain.staffing import Lecture, Staffing
from services.volunteers.routes.shown_shifts import HostOut, host_out
from services.volunteers.settings import Settings
from services.volunteers.use_cases import staffing as use_cases
from shared.access import Staff, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class LectureOut(BaseModel):
    """A session that wants a lecturer.

    Attributes:
        due: nobody has said yes and the day by which somebody must have is near, or has been.
        late: that day has been.
    """

    programme_id: str
    title: str
    session_id: str
    theme: str
    at: AwareDatetime
    lecturer_by: AwareDatetime | None
    lecturers: list[HostOut]
    asked: list[HostOut]
    due: bool
    late: bool


class StaffingOut(BaseModel):
    """Who leads a programme and who lectures in it.

    Attributes:
        needed: how many group leaders must have said yes before a session can open.
        missing: how many of them have not.
    """

    programme_id: str
    title: str
    needed: int
    missing: int
    leaders: list[HostOut]
    asked: list[HostOut]
    lectures: list[LectureOut]


class ShortOut(BaseModel):
    """What lacks group leaders or lecturers, the most pressing lectures first."""

    groups: list[StaffingOut]
    lectures: list[LectureOut]


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /staffing."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    @api.get("/staffing")
    async def short(staff: SignedIn) -> ShortOut:
        """Groups that lack leaders, and lectures whose lecturer should have said yes by about now."""
        groups = await use_cases.short_of_leaders(reading, staff, now())
        lectures = await use_cases.lectures_due(reading, staff, now())
        names = await names_in(groups, lectures)
        return ShortOut(
            groups=[staffing_out(one, names) for one in groups],
            lectures=[lecture_out(one, names) for one in lectures],
        )

    @api.get("/staffing/{programme_id}")
    async def staffing(programme_id: str, staff: SignedIn) -> StaffingOut:
        """Who leads a programme and who lectures in it."""
        found = await use_cases.staffing(reading, programme_id, staff, now())
        return staffing_out(found, await names_in([found], []))

    @api.post("/staffing/{programme_id}", status_code=201)
    async def place(programme_id: str, part: use_cases.Part, staff: SignedIn) -> HostOut:
        """Ask a volunteer to lead or to lecture, or put them there when they have said yes."""
        assignment_id = str(uuid_utils.uuid7())
        assignment = await delivery.transact(
            lambda tx: use_cases.place_volunteer(tx, programme_id, part, staff, assignment_id, rules),
            key=part.volunteer_id,
        )
        return host_out(assignment, await store.names(reading, [part.volunteer_id]), now())

    async def names_in(groups: Sequence[Staffing], lectures: Sequence[Lecture]) -> dict[str, str]:
        involved = {one for group in groups for one in group.involved}
        involved |= {one.volunteer_id for lecture in lectures for one in [*lecture.lecturers, *lecture.asked]}
        return await store.names(reading, sorted(involved))

    def staffing_out(found: Staffing, names: Mapping[str, str]) -> StaffingOut:
        return StaffingOut(
            programme_id=found.programme.programme_id,
            title=found.programme.title,
            needed=found.programme.facilitators_needed,
            missing=found.missing,
            leaders=[host_out(one, names, now()) for one in found.leaders],
            asked=[host_out(one, names, now()) for one in found.asked],
            lectures=[lecture_out(one, names) for one in found.lectures],
        )

    def lecture_out(lecture: Lecture, names: Mapping[str, str]) -> LectureOut:
        session = lecture.session
        return LectureOut(
            programme_id=lecture.programme.programme_id,
            title=lecture.programme.title,
            session_id=session.session_id,
            theme=session.theme,
            at=session.starts_at,
            lecturer_by=session.lecturer_by,
            lecturers=[host_out(one, names, now()) for one in lecture.lecturers],
            asked=[host_out(one, names, now()) for one in lecture.asked],
            due=lecture.due(now()),
            late=lecture.late(now()),
        )

    return api
