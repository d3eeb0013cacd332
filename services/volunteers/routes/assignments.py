"""JSON API: assignments, and answers by mailed links."""

from datetime import date
from typing import Annotated, Literal

import uuid_utils
from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers import store
from services.volunteers.domain.assignments import Assignment
from services.volunteers.settings import Settings
from services.volunteers.use_cases import assignments as use_cases
from shared.access import Staff, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class AssignmentOut(BaseModel):
    """An assignment as staff see it.

    Attributes:
        programme_id: empty where a unit asked, outside any programme.
        session_id: where it is for one session.
    """

    assignment_id: str
    volunteer_id: str
    programme_id: str
    session_id: str | None
    role: VolunteerRole
    title: str
    place: str
    at: AwareDatetime | None
    until: AwareDatetime | None
    answer_by: AwareDatetime
    status: AssignmentStatus
    hours: float | None
    people_met: int | None
    completed_on: date | None


class AssignmentsOut(BaseModel):
    """Assignments, the newest first."""

    assignments: list[AssignmentOut]


class AnswerIn(BaseModel):
    """A volunteer's answer to an offer; the token is the last part of the mailed link."""

    token: str
    answer: Literal["accept", "decline"]


class ReleaseIn(BaseModel):
    """A volunteer gives up what they accepted; the token is the last part of the mailed link."""

    token: str


class CompletionIn(use_cases.Work):
    """A volunteer's own account; the token is the last part of the mailed link."""

    token: str


class StatusOut(BaseModel):
    """Where the assignment now stands."""

    status: AssignmentStatus


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /assignments, /answers, /releases and /completions."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now

    def assignment_out(assignment: Assignment) -> AssignmentOut:
        task = assignment.task
        return AssignmentOut(
            assignment_id=assignment.assignment_id,
            volunteer_id=assignment.volunteer_id,
            programme_id=task.programme_id,
            session_id=task.session_id,
            role=task.role,
            title=task.title,
            place=task.place,
            at=task.at,
            until=task.until,
            answer_by=assignment.answer_by,
            status=assignment.status_at(now()),
            hours=assignment.hours,
            people_met=assignment.people_met,
            completed_on=assignment.completed_on,
        )

    async def linked(token: str) -> str:
        return (await use_cases.linked_assignment(reading, settings, token, now())).assignment_id

    @api.post("/assignments", status_code=201)
    async def offer(offer: use_cases.Offer, staff: SignedIn) -> AssignmentOut:
        """Offer an assignment; the volunteer gets a message with a link."""
        assignment_id = str(uuid_utils.uuid7())
        work = delivery.transact(
            lambda tx: use_cases.offer_assignment(tx, offer, staff, assignment_id), key=offer.volunteer_id
        )
        return assignment_out(await work)

    @api.get("/assignments")
    async def assignments(staff: SignedIn, programme_id: str | None = None) -> AssignmentsOut:
        """Assignments, of one programme or of all."""
        found = await store.assignments(reading, staff, programme_id)
        return AssignmentsOut(assignments=[assignment_out(one) for one in found])

    @api.post("/assignments/{assignment_id}/completion")
    async def complete(assignment_id: str, work: use_cases.Work, staff: SignedIn) -> AssignmentOut:
        """Complete an assignment for a volunteer who told about it."""
        change = delivery.transact(
            lambda tx: use_cases.complete_assignment(tx, assignment_id, work, settings.zone, staff),
            key=assignment_id,
        )
        return assignment_out(await change)

    @api.post("/assignments/{assignment_id}/release")
    async def take_back(assignment_id: str, staff: SignedIn) -> AssignmentOut:
        """Take back an assignment that was accepted."""
        change = delivery.transact(lambda tx: use_cases.release_assignment(tx, assignment_id, staff), key=assignment_id)
        return assignment_out(await change)

    @api.post("/answers")
    async def answer(given: AnswerIn) -> StatusOut:
        """Accept or decline by the mailed link. 410 when it was used, has expired or was never given out."""
        assignment_id = await linked(given.token)
        accept = given.answer == "accept"
        work = delivery.transact(lambda tx: use_cases.answer_offer(tx, assignment_id, accept), key=assignment_id)
        return StatusOut(status=(await work).status)

    @api.post("/releases")
    async def give_up(given: ReleaseIn) -> StatusOut:
        """Give up by the mailed link what was accepted. 409 when it was not, or no more."""
        assignment_id = await linked(given.token)
        work = delivery.transact(lambda tx: use_cases.release_assignment(tx, assignment_id), key=assignment_id)
        return StatusOut(status=(await work).status)

    @api.post("/completions")
    async def complete_by_link(done: CompletionIn) -> StatusOut:
        """Complete by the mailed link. 410 when it was done before, has expired or was never given out."""
        assignment_id = await linked(done.token)
        work = delivery.transact(
            lambda tx: use_cases.complete_assignment(tx, assignment_id, done, settings.zone),
            key=assignment_id,
        )
        return StatusOut(status=(await work).status)

    return api
