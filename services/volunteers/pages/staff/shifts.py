"""The staff's page of one shift: who is on it, who could be asked, and afterwards who was there."""

from typing import Annotated

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.pages.forms import WorkForm
from services.volunteers.settings import Settings
from services.volunteers.use_cases import shift_work, substitutes
from services.volunteers.use_cases import shifts as use_cases
from services.volunteers.use_cases.pool import seen_pool
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, Says, msg, read_form

SignedIn = Annotated[Staff, Depends(staff)]
SHIFTS = "/staff/volunteers/shifts"


class HostForm(BaseModel):
    """Who is put on the shift."""

    volunteer_id: Annotated[str, Says(missing=msg("Choose a host"))]


class AskForm(BaseModel):
    """Who is asked; nobody named: those who could come, in their order."""

    volunteer_ids: list[str] = []


class DoneForm(WorkForm):
    """Who was there, and what came of it."""

    there: list[str] = []

    def done(self) -> shift_work.ShiftDone:
        """The same as the use case takes it."""
        return shift_work.ShiftDone(hours=self.hours, people_met=self.people_met, volunteer_ids=self.there)


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /shifts."""
    routes = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    async def page(
        request: Request,
        session_id: str,
        staff: Staff,
        form: Form[HostForm] | None = None,
        done: Form[DoneForm] | None = None,
    ) -> Response:
        rota = await store.rota(reading, session_id)
        may(staff, rota.shift)
        (able,) = await substitutes.candidates(reading, [rota], rules, now(), staff)
        hours = (rota.shift.until - rota.shift.at).total_seconds() / 3600
        there = {"there": [one.volunteer_id for one in rota.hosts], "hours": f"{hours:g}", "people_met": ""}
        return pages.render(
            request,
            "staff/shift.html",
            rota=rota,
            shift=rota.shift,
            candidates=able,
            hosts=await seen_pool(reading, VolunteerRole.HOST, staff),
            names=await store.names(reading, sorted({one.volunteer_id for one in rota.assignments})),
            form=form or Form(),
            done=done or Form.of(there),
            now=now(),
        )

    @routes.get("/shifts/{session_id}")
    async def show(request: Request, session_id: str, staff: SignedIn) -> Response:
        return await page(request, session_id, staff)

    @routes.post("/shifts/{session_id}/hosts")
    async def place(request: Request, session_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, HostForm)
        if form.value is not None:
            volunteer_id, assignment_id = form.value.volunteer_id, str(uuid_utils.uuid7())
            try:
                await delivery.transact(
                    lambda tx: use_cases.place_host(tx, session_id, volunteer_id, staff, assignment_id, rules),
                    key=session_id,
                )
                return RedirectResponse(f"{SHIFTS}/{session_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await page(request, session_id, staff, form=form)

    @routes.post("/shifts/{session_id}/asking")
    async def ask(request: Request, session_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, AskForm)
        asked = form.value.volunteer_ids if form.value else []
        await delivery.transact(
            lambda tx: substitutes.ask_for_shift(tx, session_id, asked, staff, rules), key=session_id
        )
        return RedirectResponse(f"{SHIFTS}/{session_id}", status_code=303)

    @routes.post("/shifts/{session_id}/completion")
    async def complete(request: Request, session_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, DoneForm)
        if form.value is not None:
            done = form.value.done()
            try:
                await delivery.transact(
                    lambda tx: shift_work.complete_shift(tx, session_id, done, staff, rules), key=session_id
                )
                return RedirectResponse(f"{SHIFTS}/{session_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await page(request, session_id, staff, done=form)

    return routes
