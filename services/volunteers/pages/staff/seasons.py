"""The staff's pages for filling a season: standing patterns, and sharing out the free places."""

from collections import Counter
from datetime import date
from typing import Annotated, Literal

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.domain.patterns import LONGEST_TURN
from services.volunteers.pages.staff.staffing import STAFFING, WEEKDAYS
from services.volunteers.settings import Settings
from services.volunteers.use_cases import patterns as use_cases
from services.volunteers.use_cases.pool import seen_pool
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, Says, msg, read_form

SignedIn = Annotated[Staff, Depends(staff)]


class PatternForm(use_cases.NewPattern):
    """Which sessions a host takes. `do`: look at the dates first, or save."""

    volunteer_id: Annotated[str, Says(missing=msg("Choose a host"))]
    first_on: Annotated[date, Says(missing=msg("Write the first day"))]
    do: Literal["show", "save"] = "show"


class EndForm(BaseModel):
    """The last day of a pattern."""

    last_on: Annotated[date, Says(missing=msg("Write the last day"))]


class SharingForm(BaseModel):
    """Who the free places are shared out among."""

    volunteer_ids: Annotated[list[str], Says(missing=msg("Choose at least one"))]
    last_on: date | None = None


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staffing/{programme_id}."""
    routes = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    async def pattern_page(
        request: Request, programme_id: str, staff: Staff, form: Form[PatternForm], shown: use_cases.Filled | None
    ) -> Response:
        programme = await store.programme(reading, programme_id)
        may(staff, programme)
        sessions = {session.session_id: session for session in programme.sessions}
        refused = [(sessions[id], error) for (_, id), error in shown.not_given.items()] if shown else []
        return pages.render(
            request,
            "staff/pattern.html",
            programme=programme,
            hosts=await seen_pool(reading, VolunteerRole.HOST, staff),
            form=form,
            shown=shown,
            refused=sorted(refused, key=lambda one: one[0].starts_at),
            weekdays=WEEKDAYS,
            turns=range(1, LONGEST_TURN + 1),
        )

    @routes.get("/staffing/{programme_id}/pattern")
    async def empty_pattern(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form: Form[PatternForm] = Form.of({"every": 2, "first_on": rules.day(now()).isoformat()})
        return await pattern_page(request, programme_id, staff, form, None)

    @routes.post("/staffing/{programme_id}/pattern")
    async def add_pattern(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, PatternForm)
        shown = None
        if form.value is not None:
            wanted, pattern_id = form.value, str(uuid_utils.uuid7())
            try:
                if wanted.do == "save":
                    await delivery.transact(
                        lambda tx: use_cases.add_pattern(tx, programme_id, wanted, staff, pattern_id, rules),
                        key=programme_id,
                    )
                    return RedirectResponse(f"{STAFFING}/{programme_id}#patterns", status_code=303)
                shown = await use_cases.preview(reading, programme_id, wanted, staff, rules, now())
            except DomainError as error:
                form.fail(error)
        return await pattern_page(request, programme_id, staff, form, shown)

    @routes.post("/staffing/{programme_id}/patterns/{pattern_id}/end")
    async def end_pattern(request: Request, programme_id: str, pattern_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, EndForm)
        last_on = form.value.last_on if form.value else rules.day(now())
        await delivery.transact(
            lambda tx: use_cases.end_pattern(tx, pattern_id, last_on, staff, rules), key=programme_id
        )
        return RedirectResponse(f"{STAFFING}/{programme_id}#patterns", status_code=303)

    async def sharing_page(
        request: Request, programme_id: str, staff: Staff, form: Form[SharingForm], filled: use_cases.Filled | None
    ) -> Response:
        programme = await store.programme(reading, programme_id)
        may(staff, programme)
        rotas = await store.rotas_of(reading, programme_id)
        return pages.render(
            request,
            "staff/sharing.html",
            programme=programme,
            hosts=await seen_pool(reading, VolunteerRole.HOST, staff),
            form=form,
            filled=filled,
            counts=_counts(filled),
            refused=_first_reasons(filled),
            free=sum(rota.free(now()) for rota in rotas if rota.shift.at > now()),
        )

    @routes.get("/staffing/{programme_id}/sharing")
    async def empty_sharing(request: Request, programme_id: str, staff: SignedIn) -> Response:
        return await sharing_page(request, programme_id, staff, Form(), None)

    @routes.post("/staffing/{programme_id}/sharing")
    async def share_out(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, SharingForm)
        filled = None
        if form.value is not None:
            sharing = use_cases.Sharing(volunteer_ids=form.value.volunteer_ids, last_on=form.value.last_on)
            try:
                filled = await delivery.transact(
                    lambda tx: use_cases.share_out(tx, programme_id, sharing, staff, rules), key=programme_id
                )
            except DomainError as error:
                form.fail(error)
        return await sharing_page(request, programme_id, staff, form, filled)

    return routes


def _counts(filled: use_cases.Filled | None) -> dict[str, int]:
    """How many shifts each host got."""
    return dict(Counter(one.volunteer_id for one in filled.given)) if filled else {}


def _first_reasons(filled: use_cases.Filled | None) -> dict[str, DomainError]:
    """Why hosts who got nothing got nothing: the first reason of each."""
    reasons: dict[str, DomainError] = {}
    if filled:
        given = {one.volunteer_id for one in filled.given}
        for (volunteer_id, _), error in filled.not_given.items():
            if volunteer_id not in given:
                reasons.setdefault(volunteer_id, error)
    return reasons
