"""The staff's pages: what lacks hosts, leaders or lecturers, and the staffing of one programme."""

from typing import Annotated, Literal

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.domain.patterns import Weekday
from services.volunteers.domain.shifts import NEAR
from services.volunteers.settings import Settings
from services.volunteers.use_cases import staffing as use_cases
from services.volunteers.use_cases import substitutes
from services.volunteers.use_cases.pool import seen_pool
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, Says, msg, read_form

SignedIn = Annotated[Staff, Depends(staff)]
STAFFING = "/staff/volunteers/staffing"
WEEKDAYS = {
    Weekday.MONDAY: msg("Mondays"),
    Weekday.TUESDAY: msg("Tuesdays"),
    Weekday.WEDNESDAY: msg("Wednesdays"),
    Weekday.THURSDAY: msg("Thursdays"),
    Weekday.FRIDAY: msg("Fridays"),
    Weekday.SATURDAY: msg("Saturdays"),
    Weekday.SUNDAY: msg("Sundays"),
}
SHOWN = 5
"""So many of those who could be asked are named on the overview; the page of the shift names all."""


class PartForm(BaseModel):
    """Somebody who is to lead a programme, or to lecture in a session of it.

    Attributes:
        session_id: empty for who leads.
    """

    volunteer_id: Annotated[str, Says(missing=msg("Choose a volunteer"))]
    session_id: str = ""
    answer: Annotated[Literal["ask", "said_yes"], Says(missing=msg("Choose one of the answers"))]

    def part(self) -> use_cases.Part:
        """The same as the use case takes it."""
        return use_cases.Part(
            volunteer_id=self.volunteer_id,
            role=VolunteerRole.LECTURER if self.session_id else VolunteerRole.GROUP_LEADER,
            session_id=self.session_id or None,
            said_yes=self.answer == "said_yes",
        )


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staffing."""
    routes = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    @routes.get("/staffing")
    async def overview(request: Request, staff: SignedIn) -> Response:
        rotas = await store.rotas_between(reading, now(), now() + NEAR, staff)
        thin = [rota for rota in rotas if rota.thin(now())]
        lectures = await use_cases.lectures_due(reading, staff, now())
        groups = await use_cases.short_of_leaders(reading, staff, now())
        return pages.render(
            request,
            "staff/staffing.html",
            thin=list(zip(thin, await substitutes.candidates(reading, thin, rules, now(), staff), strict=True)),
            lectures=lectures,
            groups=groups,
            houses=await store.houses(reading, staff, now()),
            names=await store.names(reading, sorted({one.volunteer_id for rota in thin for one in rota.assignments})),
            shown=SHOWN,
            now=now(),
        )

    async def page(request: Request, programme_id: str, staff: Staff, form: Form[PartForm]) -> Response:
        found = await use_cases.staffing(reading, programme_id, staff, now())
        rotas = await store.rotas_of(reading, programme_id)
        patterns = await store.patterns_of(reading, programme_id)
        hosts = {one.volunteer_id for rota in rotas for one in rota.assignments}
        return pages.render(
            request,
            "staff/programme_staffing.html",
            staffing=found,
            programme=found.programme,
            coming=[rota for rota in rotas if rota.shift.until > now()],
            been=[rota for rota in rotas if rota.shift.until <= now()],
            patterns=patterns,
            names=await store.names(reading, sorted(found.involved | hosts | {one.volunteer_id for one in patterns})),
            weekdays=WEEKDAYS,
            today=rules.day(now()),
            leaders=await seen_pool(reading, VolunteerRole.GROUP_LEADER, staff),
            lecturers=await seen_pool(reading, VolunteerRole.LECTURER, staff),
            form=form,
            now=now(),
        )

    @routes.get("/staffing/{programme_id}")
    async def programme(request: Request, programme_id: str, staff: SignedIn) -> Response:
        return await page(request, programme_id, staff, Form.of({"answer": "ask"}))

    @routes.post("/staffing/{programme_id}")
    async def place(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, PartForm)
        if form.value is not None:
            part, assignment_id = form.value.part(), str(uuid_utils.uuid7())
            try:
                await delivery.transact(
                    lambda tx: use_cases.place_volunteer(tx, programme_id, part, staff, assignment_id, rules),
                    key=part.volunteer_id,
                )
                return RedirectResponse(f"{STAFFING}/{programme_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await page(request, programme_id, staff, form)

    return routes
