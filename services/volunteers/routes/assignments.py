"""JSON API: assignments, and answers by mailed links."""

from typing import Annotated, Literal

import uuid_utils
from fastapi import APIRouter, Depends
from pydantic import BaseModel

from motesplats_events import AssignmentStatus
from services.volunteers import store
from services.volunteers.routes.shown import AssignmentOut, AssignmentsOut, assignment_out
from services.volunteers.settings import Settings
from services.volunteers.use_cases import assignments as use_cases
from shared.access import Staff, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class SaidIn(BaseModel):
    """What a volunteer said to an offer."""

    answer: Literal["accept", "decline"]


class AnswerIn(SaidIn):
    """A volunteer's answer to an offer; the token is the last part of the mailed link."""

    token: str


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
    rules = settings.rules

    async def linked(token: str) -> str:
        return (await use_cases.linked_assignment(reading, settings, token, now())).assignment_id

    @api.post("/assignments", status_code=201)
    async def offer(offer: use_cases.Offer, staff: SignedIn) -> AssignmentOut:
        """Offer an assignment; the volunteer gets a message with a link."""
        assignment_id = str(uuid_utils.uuid7())
        work = delivery.transact(
            lambda tx: use_cases.offer_assignment(tx, offer, staff, assignment_id, rules), key=offer.volunteer_id
        )
        return assignment_out(await work, now())

    @api.get("/assignments")
    async def assignments(staff: SignedIn, programme_id: str | None = None) -> AssignmentsOut:
        """Assignments, of one programme or of all."""
        found = await store.assignments(reading, staff, programme_id)
        return AssignmentsOut(assignments=[assignment_out(one, now()) for one in found])

    @api.post("/assignments/{assignment_id}/answer")
    async def note_answer(assignment_id: str, said: SaidIn, staff: SignedIn) -> AssignmentOut:
        """Accept or decline for a volunteer who told about it. 410 when it was answered or has expired."""
        accept = said.answer == "accept"
        change = delivery.transact(
            lambda tx: use_cases.answer_offer(tx, assignment_id, accept, rules, staff), key=assignment_id
        )
        return assignment_out(await change, now())

    @api.post("/assignments/{assignment_id}/withdrawal")
    async def withdraw(assignment_id: str, staff: SignedIn) -> AssignmentOut:
        """Take back an offer that is not answered; a search goes on with the next. 410 when it was, or has expired."""
        change = delivery.transact(
            lambda tx: use_cases.withdraw_offer(tx, assignment_id, staff, rules), key=assignment_id
        )
        return assignment_out(await change, now())

    @api.post("/assignments/{assignment_id}/completion")
    async def complete(assignment_id: str, work: use_cases.Work, staff: SignedIn) -> AssignmentOut:
        """Complete an assignment for a volunteer who told about it."""
        change = delivery.transact(
            lambda tx: use_cases.complete_assignment(tx, assignment_id, work, rules, staff),
            key=assignment_id,
        )
        return assignment_out(await change, now())

    @api.post("/assignments/{assignment_id}/release")
    async def take_back(assignment_id: str, staff: SignedIn) -> AssignmentOut:
        """Take back an assignment that was accepted."""
        change = delivery.transact(
            lambda tx: use_cases.release_assignment(tx, assignment_id, rules, staff), key=assignment_id
        )
        return assignment_out(await change, now())

    @api.post("/answers")
    async def answer(given: AnswerIn) -> StatusOut:
        """Accept or decline by the mailed link. 410 when it was used, has expired or was never given out."""
        assignment_id = await linked(given.token)
        accept = given.answer == "accept"
        work = delivery.transact(lambda tx: use_cases.answer_offer(tx, assignment_id, accept, rules), key=assignment_id)
        return StatusOut(status=(await work).status)

    @api.post("/releases")
    async def give_up(given: ReleaseIn) -> StatusOut:
        """Give up by the mailed link what was accepted. 409 when it was not, or no more."""
        assignment_id = await linked(given.token)
        work = delivery.transact(lambda tx: use_cases.release_assignment(tx, assignment_id, rules), key=assignment_id)
        return StatusOut(status=(await work).status)

    @api.post("/completions")
    async def complete_by_link(done: CompletionIn) -> StatusOut:
        """Complete by the mailed link. 410 when it was done before, has expired or was never given out."""
        assignment_id = await linked(done.token)
        work = delivery.transact(
            lambda tx: use_cases.complete_assignment(tx, assignment_id, done, rules),
            key=assignment_id,
        )
        return StatusOut(status=(await work).status)

    return api
