"""A unit asks for somebody, without an account, and follows how it goes by a link of its own."""

import uuid_utils
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.volunteers import store
from services.volunteers.domain.requests import LINK_FOR, LINK_PURPOSE, standing
from services.volunteers.pages.request_form import AskForm
from services.volunteers.pages.words import ASKED_FOR_ROLES, FORMATS, ROLES, UNIT_KINDS, spoken
from services.volunteers.settings import Settings
from services.volunteers.use_cases import requests as use_cases
from shared.access import link_token
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, language, read_form


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The pages under /ask."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now

    async def page(request: Request, form: Form[AskForm]) -> Response:
        return pages.render(
            request,
            "ask.html",
            public=not form.values.get("unit"),
            form=form,
            roles=ASKED_FOR_ROLES,
            kinds=UNIT_KINDS,
            formats=FORMATS,
            organisers=await store.organisers(reading),
            languages_spoken=spoken(language(request)),
        )

    @routes.get("/ask")
    async def show(request: Request) -> Response:
        given = {"role": request.query_params.get("role", ""), "language": language(request), "wanted": 1}
        return await page(request, Form.of({**given, "minutes": 60}))

    @routes.post("/ask")
    async def ask(request: Request) -> Response:
        form = await read_form(request, AskForm)
        if form.value is not None:
            wish, request_id = form.value.wish(), str(uuid_utils.uuid7())
            try:
                made = await delivery.transact(lambda tx: use_cases.receive(tx, wish, request_id), key=request_id)
                token = link_token(settings, LINK_PURPOSE, request_id, made.received_at + LINK_FOR)
                return RedirectResponse(f"/ask/{token}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await page(request, form)

    @routes.get("/ask/{token}")
    async def follow(request: Request, token: str) -> Response:
        found = await use_cases.linked_request(reading, settings, token, now())
        assignments = await store.assignments_for(reading, found.request_id)
        return pages.render(
            request,
            "asked.html",
            wish=found,
            standing=standing(assignments, now()),
            over=found.over(now()),
            token=token,
            roles=ROLES,
            formats=FORMATS,
        )

    @routes.post("/ask/{token}/withdrawal")
    async def withdraw(token: str) -> Response:
        request_id = (await use_cases.linked_request(reading, settings, token, now())).request_id
        await delivery.transact(lambda tx: use_cases.withdraw(tx, request_id), key=request_id)
        return RedirectResponse(f"/ask/{token}", status_code=303)

    return routes
