"""A host's own rota, behind the link to their page: what is theirs, what is free, swaps, and the calendar's address."""

from typing import Annotated

import uuid_utils
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from services.volunteers import store
from services.volunteers.domain.assignments import Assignment, AssignmentNotFound
from services.volunteers.domain.shifts import AlreadyTaken
from services.volunteers.domain.volunteers import Volunteer
from services.volunteers.settings import Settings
from services.volunteers.use_cases import shifts, swaps
from services.volunteers.use_cases.assignments import release_assignment
from services.volunteers.use_cases.own_calendar import calendar_token
from services.volunteers.use_cases.own_shifts import OwnShifts, own_shifts
from services.volunteers.use_cases.volunteers import linked_volunteer
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, Says, msg, read_form


class TakeForm(BaseModel):
    """A free shift that the host takes."""

    session_id: str


class SwapForm(BaseModel):
    """The shift of another that the host wants for an own one."""

    takes: Annotated[str, Says(missing=msg("Choose a shift"))]


class BackForm(BaseModel):
    """A swap that the host takes back."""

    offer_id: str


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The pages behind `/volunteer/{token}/rota`. Looking at them changes nothing."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    async def linked(token: str) -> Volunteer:
        return await linked_volunteer(reading, settings, token, now())

    async def page(request: Request, token: str, form: Form[TakeForm]) -> Response:
        volunteer = await linked(token)
        found = await own_shifts(reading, volunteer, rules, now())
        return pages.render(
            request,
            "own_rota.html",
            token=token,
            found=found,
            form=form,
            feed=f"{settings.public_url}/volunteer/calendar/" + calendar_token(settings, volunteer.volunteer_id, now()),
            now=now(),
        )

    @routes.get("/volunteer/{token}/rota")
    async def show(request: Request, token: str) -> Response:
        return await page(request, token, Form())

    @routes.post("/volunteer/{token}/rota")
    async def take(request: Request, token: str) -> Response:
        id, assignment_id = (await linked(token)).volunteer_id, str(uuid_utils.uuid7())
        form = await read_form(request, TakeForm)
        if form.value is not None:
            session_id = form.value.session_id
            try:
                await delivery.transact(
                    lambda tx: shifts.take_shift(tx, session_id, id, assignment_id, rules), key=session_id
                )
                return RedirectResponse(f"/volunteer/{token}/rota", status_code=303)
            except AlreadyTaken as error:
                form.problem("", error.message)
            except DomainError as error:
                form.fail(error)
        return await page(request, token, form)

    async def shift_page(request: Request, token: str, assignment_id: str, form: Form[SwapForm]) -> Response:
        found = await own_shifts(reading, await linked(token), rules, now())
        assignment = _own(found, assignment_id)
        others = found.swappable[assignment_id]
        proposed = [
            (swap, await store.assignment(reading, swap.takes)) for swap in found.proposed.get(assignment_id, [])
        ]
        involved = {one.volunteer_id for one in others} | {one.volunteer_id for _, one in proposed}
        names = await store.names(reading, sorted(involved))
        return pages.render(
            request,
            "own_shift.html",
            token=token,
            assignment=assignment,
            others=others,
            proposed=proposed,
            names={id: swaps.first_name(name) for id, name in names.items()},
            form=form,
        )

    @routes.get("/volunteer/{token}/rota/{assignment_id}")
    async def shift(request: Request, token: str, assignment_id: str) -> Response:
        return await shift_page(request, token, assignment_id, Form())

    @routes.post("/volunteer/{token}/rota/{assignment_id}/release")
    async def cannot_come(token: str, assignment_id: str) -> Response:
        found = await own_shifts(reading, await linked(token), rules, now())
        id = _own(found, assignment_id).assignment_id
        await delivery.transact(lambda tx: release_assignment(tx, id, rules), key=id)
        return RedirectResponse(f"/volunteer/{token}/rota", status_code=303)

    @routes.post("/volunteer/{token}/rota/{assignment_id}/swap")
    async def propose(request: Request, token: str, assignment_id: str) -> Response:
        id, offer_id = (await linked(token)).volunteer_id, str(uuid_utils.uuid7())
        form = await read_form(request, SwapForm)
        if form.value is not None:
            takes = form.value.takes
            try:
                await delivery.transact(
                    lambda tx: swaps.propose_swap(tx, id, assignment_id, takes, offer_id, rules), key=assignment_id
                )
                return RedirectResponse(f"/volunteer/{token}/rota/{assignment_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await shift_page(request, token, assignment_id, form)

    @routes.post("/volunteer/{token}/rota/{assignment_id}/withdrawal")
    async def withdraw(request: Request, token: str, assignment_id: str) -> Response:
        id = (await linked(token)).volunteer_id
        form = await read_form(request, BackForm)
        if form.value is not None:
            offer_id = form.value.offer_id
            await delivery.transact(lambda tx: swaps.withdraw_swap(tx, id, offer_id), key=offer_id)
        return RedirectResponse(f"/volunteer/{token}/rota/{assignment_id}", status_code=303)

    return routes


def _own(found: OwnShifts, assignment_id: str) -> Assignment:
    for one in found.own:
        if one.assignment_id == assignment_id:
            return one
    raise AssignmentNotFound("There is no such assignment")
