"""The staff's pages: offers, and what became of them."""

from collections.abc import Sequence
from typing import Annotated, Literal

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from motesplats_events import AssignmentStatus
from services.volunteers import store
from services.volunteers.domain.assignments import OPEN
from services.volunteers.domain.volunteers import VolunteerStatus
from services.volunteers.pages.forms import OfferForm, SaidForm, WorkForm
from services.volunteers.pages.words import ROLES
from services.volunteers.settings import Settings
from services.volunteers.use_cases import assignments as use_cases
from services.volunteers.use_cases import swaps
from services.volunteers.use_cases.changing import hindered
from services.volunteers.use_cases.pool import sees
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, read_form, read_query

SignedIn = Annotated[Staff, Depends(staff)]
LIST = "/staff/volunteers"
MOST = 200
STATES: dict[str, Sequence[AssignmentStatus]] = {
    "open": OPEN,
    "done": [AssignmentStatus.COMPLETED],
    "closed": [AssignmentStatus.DECLINED, AssignmentStatus.EXPIRED, AssignmentStatus.RELEASED],
}


class StateFilter(BaseModel):
    """Which assignments to show."""

    state: Literal["open", "done", "closed"] = "open"


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Offering an assignment, and the page of one."""
    routes = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now

    async def offer_page(request: Request, staff: Staff, form: Form[OfferForm]) -> Response:
        people = await store.volunteers(reading, staff, store.Filter(status=VolunteerStatus.ENROLLED))
        return pages.render(
            request,
            "staff/offer.html",
            form=form,
            volunteers=people,
            programmes=await store.coming_programmes(reading, staff, now()),
            roles=ROLES,
            now=now(),
        )

    @routes.get("/assignments")
    async def overview(request: Request, staff: SignedIn) -> Response:
        form = read_query(request, StateFilter)
        state = form.value.state if form.value else "open"
        found = await store.assignments(reading, staff, statuses=STATES[state], part_done=state == "open", limit=MOST)
        return pages.render(
            request,
            "staff/assignments.html",
            assignments=found,
            names=await store.names(reading, [one.volunteer_id for one in found]),
            programmes=await store.programme_titles(reading, staff),
            form=form,
            state=state,
            most=MOST,
            roles=ROLES,
            now=now(),
        )

    @routes.get("/offer")
    async def offer_form(request: Request, staff: SignedIn) -> Response:
        given = {name: request.query_params.get(name, "") for name in ("volunteer_id", "programme_id")}
        return await offer_page(request, staff, Form.of(given))

    @routes.post("/offer")
    async def offer(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, OfferForm)
        if form.value is not None:
            wanted, assignment_id = form.value, str(uuid_utils.uuid7())
            try:
                await delivery.transact(
                    lambda tx: use_cases.offer_assignment(tx, wanted, staff, assignment_id, settings.rules),
                    key=wanted.volunteer_id,
                )
                return RedirectResponse(f"{LIST}/assignments", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await offer_page(request, staff, form)

    async def assignment_page(
        request: Request, staff: Staff, assignment_id: str, form: Form[WorkForm] | Form[SaidForm]
    ) -> Response:
        assignment = await store.assignment(reading, assignment_id)
        may(staff, assignment)
        titles = await store.programme_titles(reading, staff)
        programme = await store.known_programme(reading, assignment.task.programme_id)
        volunteer = await store.volunteer(reading, assignment.volunteer_id)
        to_come = assignment.task.until is None or assignment.task.until > now()
        is_open = to_come and assignment.status_at(now()) in OPEN
        return pages.render(
            request,
            "staff/assignment.html",
            assignment=assignment,
            volunteer=volunteer,
            hindered=await hindered(reading, assignment, settings.rules, now()) if is_open else None,
            other_language=bool(is_open and programme and programme.language not in volunteer.speaks),
            says_why=sees(staff, volunteer),
            swap=await swaps.asked_to_give(reading, assignment),
            programme_title=titles.get(assignment.task.programme_id, ""),
            roles=ROLES,
            now=now(),
            form=form,
        )

    @routes.get("/assignments/{assignment_id}")
    async def assignment(request: Request, assignment_id: str, staff: SignedIn) -> Response:
        empty: Form[WorkForm] = Form()
        return await assignment_page(request, staff, assignment_id, empty)

    @routes.post("/assignments/{assignment_id}")
    async def complete(request: Request, assignment_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, WorkForm)
        if form.value is not None:
            work = form.value
            try:
                await delivery.transact(
                    lambda tx: use_cases.complete_assignment(tx, assignment_id, work, settings.rules, staff),
                    key=assignment_id,
                )
                return RedirectResponse(f"{LIST}/assignments/{assignment_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await assignment_page(request, staff, assignment_id, form)

    @routes.post("/assignments/{assignment_id}/answer")
    async def note_answer(request: Request, assignment_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, SaidForm)
        if form.value is not None:
            accept = form.value.answer == "accept"
            try:
                await delivery.transact(
                    lambda tx: use_cases.answer_offer(tx, assignment_id, accept, settings.rules, staff),
                    key=assignment_id,
                )
                return RedirectResponse(f"{LIST}/assignments/{assignment_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await assignment_page(request, staff, assignment_id, form)

    @routes.post("/assignments/{assignment_id}/withdrawal")
    async def withdraw(assignment_id: str, staff: SignedIn) -> Response:
        await delivery.transact(
            lambda tx: use_cases.withdraw_offer(tx, assignment_id, staff, settings.rules), key=assignment_id
        )
        return RedirectResponse(f"{LIST}/assignments/{assignment_id}", status_code=303)

    @routes.post("/assignments/{assignment_id}/release")
    async def take_back(assignment_id: str, staff: SignedIn) -> Response:
        await delivery.transact(
            lambda tx: use_cases.release_assignment(tx, assignment_id, settings.rules, staff), key=assignment_id
        )
        return RedirectResponse(f"{LIST}/assignments/{assignment_id}", status_code=303)

    return routes
