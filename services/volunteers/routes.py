"""JSON API: volunteers, applications, assignments, and answers by mailed links."""

from contextlib import suppress
from datetime import date
from typing import Annotated, Literal

import uuid_utils
from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from motesplats_events import VolunteerRole
from services.volunteers import store, use_cases
from services.volunteers.domain import (
    Assignment,
    AssignmentStatus,
    Volunteer,
    VolunteerIsKnown,
    VolunteerStatus,
)
from services.volunteers.settings import Settings
from shared.access import Staff, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class VolunteerOut(BaseModel):
    """A volunteer as staff see them."""

    volunteer_id: str
    name: str
    email: str | None
    phone: str | None
    language: str
    roles: list[VolunteerRole]
    municipality: str
    status: VolunteerStatus
    since: AwareDatetime


class VolunteersOut(BaseModel):
    """Everybody who applied or is enrolled."""

    volunteers: list[VolunteerOut]


class ProgrammeOut(BaseModel):
    """A programme that volunteers can be asked to."""

    programme_id: str
    title: str
    organiser: str
    next_session_at: AwareDatetime


class ProgrammesOut(BaseModel):
    """Programmes with a session to come."""

    programmes: list[ProgrammeOut]


class AssignmentOut(BaseModel):
    """An assignment as staff see it."""

    assignment_id: str
    volunteer_id: str
    programme_id: str
    role: VolunteerRole
    title: str
    place: str
    at: AwareDatetime
    answer_by: AwareDatetime
    status: AssignmentStatus
    hours: float | None
    people_met: int | None
    completed_on: date | None


class AssignmentsOut(BaseModel):
    """Assignments, the newest first."""

    assignments: list[AssignmentOut]


class Received(BaseModel):
    """The same answer whether or not the person had applied before."""

    status: Literal["received"] = "received"


class AnswerIn(BaseModel):
    """A volunteer's answer to an offer; the token is the last part of the mailed link."""

    token: str
    answer: Literal["accept", "decline"]


class CompletionIn(use_cases.Work):
    """A volunteer's own account; the token is the last part of the mailed link."""

    token: str


class StatusOut(BaseModel):
    """Where the assignment now stands."""

    status: AssignmentStatus


def _volunteer_out(volunteer: Volunteer) -> VolunteerOut:
    return VolunteerOut(
        volunteer_id=volunteer.volunteer_id,
        name=volunteer.name,
        email=volunteer.contact.email,
        phone=volunteer.contact.phone,
        language=volunteer.language,
        roles=list(volunteer.roles),
        municipality=volunteer.municipality,
        status=volunteer.status,
        since=volunteer.since,
    )


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /api/volunteers."""
    api = APIRouter(prefix="/api/volunteers", tags=["volunteers"])
    reading = delivery.reading
    now = delivery.clock.now

    def assignment_out(assignment: Assignment) -> AssignmentOut:
        return AssignmentOut(
            assignment_id=assignment.assignment_id,
            volunteer_id=assignment.volunteer_id,
            programme_id=assignment.programme_id,
            role=assignment.role,
            title=assignment.title,
            place=assignment.place,
            at=assignment.at,
            answer_by=assignment.answer_by,
            status=assignment.status_at(now()),
            hours=assignment.hours,
            people_met=assignment.people_met,
            completed_on=assignment.completed_on,
        )

    async def linked(token: str) -> str:
        return (await use_cases.linked_assignment(reading, settings, token, now())).assignment_id

    @api.post("/applications", status_code=202)
    async def apply(person: use_cases.Application) -> Received:
        """Apply to become a volunteer. Whether somebody has applied before is told to nobody."""
        volunteer_id = str(uuid_utils.uuid7())
        with suppress(VolunteerIsKnown):
            await delivery.transact(lambda tx: use_cases.apply(tx, person, volunteer_id), key=person.key())
        return Received()

    @api.get("/volunteers", dependencies=[Depends(staff)])
    async def volunteers() -> VolunteersOut:
        """Everybody who applied or is enrolled, by name."""
        return VolunteersOut(volunteers=[_volunteer_out(one) for one in await store.volunteers(reading)])

    @api.post("/volunteers", status_code=201, dependencies=[Depends(staff)])
    async def enrol(person: use_cases.Person) -> VolunteerOut:
        """Enrol a volunteer."""
        volunteer_id = str(uuid_utils.uuid7())
        work = delivery.transact(lambda tx: use_cases.enrol(tx, person, volunteer_id), key=person.key())
        return _volunteer_out(await work)

    @api.post("/volunteers/{volunteer_id}/confirmation", dependencies=[Depends(staff)])
    async def confirm(volunteer_id: str) -> VolunteerOut:
        """Confirm an application; again is harmless."""
        work = delivery.transact(lambda tx: use_cases.confirm_application(tx, volunteer_id), key=volunteer_id)
        return _volunteer_out(await work)

    @api.get("/programmes")
    async def programmes(staff: SignedIn) -> ProgrammesOut:
        """Programmes that volunteers can be asked to."""
        found = await store.coming_programmes(reading, staff, now())
        return ProgrammesOut(
            programmes=[
                ProgrammeOut(
                    programme_id=programme.programme_id,
                    title=programme.title,
                    organiser=programme.organiser,
                    next_session_at=programme.next_session(now()),
                )
                for programme in found
            ]
        )

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

    @api.post("/answers")
    async def answer(given: AnswerIn) -> StatusOut:
        """Accept or decline by the mailed link. 410 when it was used, has expired or was never given out."""
        assignment_id = await linked(given.token)
        accept = given.answer == "accept"
        work = delivery.transact(lambda tx: use_cases.answer_offer(tx, assignment_id, accept), key=assignment_id)
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
