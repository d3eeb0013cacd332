"""The staff's pages: what units ask for, who is proposed and why, and how the search stands."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from services.volunteers import store
from services.volunteers.domain import requests as domain
from services.volunteers.domain.requests import RequestStatus, missing, standing
from services.volunteers.pages.request_form import RequestForm, request_shown
from services.volunteers.pages.words import ASKED_FOR_ROLES, FORMATS, REQUEST_STATES, ROLES, UNIT_KINDS, spoken
from services.volunteers.settings import Settings
from services.volunteers.use_cases import requests as use_cases
from services.volunteers.use_cases.organisers import organisers
from shared.access import Staff, may, staff
from shared.delivery import Delivery, Transaction
from shared.errors import DomainError
from shared.web import Form, Pages, language, read_form, read_query

SignedIn = Annotated[Staff, Depends(staff)]
PATH = "/staff/volunteers/requests"
SEARCHABLE = (RequestStatus.RECEIVED, RequestStatus.SEARCHING, RequestStatus.NOBODY_LEFT)


class StateFilter(BaseModel):
    """Which requests to show."""

    state: RequestStatus | None = None


class Chosen(BaseModel):
    """Whom to ask; empty for whoever is first."""

    volunteer_id: str = ""


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The pages under /staff/volunteers/requests."""
    routes = APIRouter(prefix="/requests")
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    @routes.get("")
    async def overview(request: Request, staff: SignedIn) -> Response:
        form = read_query(request, StateFilter)
        return pages.render(
            request,
            "staff/requests.html",
            found=await store.requests(reading, staff, form.value.state if form.value else None),
            form=form,
            states=REQUEST_STATES,
            roles=ROLES,
        )

    async def form_page(
        request: Request, staff: Staff, form: Form[RequestForm], before: domain.Request | None = None
    ) -> Response:
        choices = {*await organisers(reading, staff), *([before.organiser] if before else [])}
        return pages.render(
            request,
            "staff/request_form.html",
            form=form,
            before=before,
            roles=ASKED_FOR_ROLES,
            kinds=UNIT_KINDS,
            formats=FORMATS,
            organisers=sorted(choices),
            languages_spoken=spoken(language(request), [before.language] if before else []),
        )

    @routes.get("/new")
    async def empty_form(request: Request, staff: SignedIn) -> Response:
        return await form_page(request, staff, Form.of({"language": language(request), "wanted": 1, "minutes": 60}))

    @routes.post("/new")
    async def receive(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, RequestForm)
        if form.value is not None:
            wish, request_id = form.value.wish(), str(uuid_utils.uuid7())
            try:
                await delivery.transact(lambda tx: use_cases.receive(tx, wish, request_id, staff), key=request_id)
                return RedirectResponse(f"{PATH}/{request_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await form_page(request, staff, form)

    @routes.get("/{request_id}")
    async def one(request: Request, request_id: str, staff: SignedIn) -> Response:
        found = await store.request(reading, request_id)
        may(staff, found)
        assignments = await store.assignments_for(reading, request_id)
        stands = standing(assignments, now())
        searchable = found.status in SEARCHABLE and not found.over(now())
        return pages.render(
            request,
            "staff/request.html",
            wish=found,
            assignments=assignments,
            names=await store.names(reading, [one.volunteer_id for one in assignments]),
            standing=stands,
            missing=missing(found, stands),
            matched=await use_cases.matched(reading, found, staff, rules, now()) if searchable else None,
            over=found.over(now()),
            states=REQUEST_STATES,
            roles=ROLES,
            kinds=UNIT_KINDS,
            formats=FORMATS,
            spoken=spoken(language(request), [found.language])[found.language],
            now=now(),
        )

    async def changed(request_id: str, work: Callable[[Transaction], Awaitable[object]]) -> Response:
        await delivery.transact(work, key=request_id)
        return RedirectResponse(f"{PATH}/{request_id}", status_code=303)

    @routes.post("/{request_id}/search")
    async def search(request: Request, request_id: str, staff: SignedIn) -> Response:
        chosen = (await read_form(request, Chosen)).value
        id = chosen.volunteer_id if chosen else ""
        if id:
            return await changed(request_id, lambda tx: use_cases.ask_one(tx, request_id, id, staff, rules))
        return await changed(request_id, lambda tx: use_cases.search(tx, request_id, staff, rules))

    @routes.post("/{request_id}/stop")
    async def stop(request_id: str, staff: SignedIn) -> Response:
        return await changed(request_id, lambda tx: use_cases.stop(tx, request_id, staff))

    @routes.post("/{request_id}/withdrawal")
    async def withdraw(request_id: str, staff: SignedIn) -> Response:
        return await changed(request_id, lambda tx: use_cases.withdraw(tx, request_id, staff))

    @routes.post("/{request_id}/told")
    async def told(request_id: str, staff: SignedIn) -> Response:
        return await changed(request_id, lambda tx: use_cases.note_told(tx, request_id, staff))

    @routes.get("/{request_id}/edit")
    async def edit_form(request: Request, request_id: str, staff: SignedIn) -> Response:
        found = await store.request(reading, request_id)
        may(staff, found)
        return await form_page(request, staff, Form.of(request_shown(found), settings.zone), found)

    @routes.post("/{request_id}/edit")
    async def edit(request: Request, request_id: str, staff: SignedIn) -> Response:
        found = await store.request(reading, request_id)
        may(staff, found)
        form = await read_form(request, RequestForm)
        if form.value is not None:
            wish = form.value.wish()
            try:
                return await changed(request_id, lambda tx: use_cases.edit(tx, request_id, wish, staff))
            except DomainError as error:
                form.fail(error)
        return await form_page(request, staff, form, found)

    return routes
