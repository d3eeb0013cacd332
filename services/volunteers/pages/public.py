"""Become a volunteer."""

from contextlib import suppress

import uuid_utils
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.volunteers.domain.volunteers import VolunteerIsKnown
from services.volunteers.pages.forms import ApplicationForm
from services.volunteers.pages.words import ROLES
from services.volunteers.settings import Settings
from services.volunteers.use_cases import volunteers as use_cases
from shared.delivery import Delivery
from shared.web import Form, Pages, language, read_form


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages for everybody, under /volunteer."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/volunteer")
    async def show(request: Request) -> Response:
        form: Form[ApplicationForm] = Form.of({"language": language(request)})
        return pages.render(request, "volunteer.html", public=True, form=form, roles=ROLES)

    @routes.post("/volunteer")
    async def apply(request: Request) -> Response:
        form = await read_form(request, ApplicationForm)
        if form.value is not None:
            person, volunteer_id = form.value.person(), str(uuid_utils.uuid7())
            with suppress(VolunteerIsKnown):
                await delivery.transact(
                    lambda tx: use_cases.apply(tx, person, volunteer_id, settings.rules), key=person.key()
                )
            return RedirectResponse("/volunteer/received", status_code=303)
        return pages.render(request, "volunteer.html", form=form, roles=ROLES)

    @routes.get("/volunteer/received")
    async def received(request: Request) -> Response:
        # The same page for a first and a second application: it tells nobody who is a volunteer.
        return pages.render(request, "received.html", public=True)

    @routes.get("/volunteer/left")
    async def left(request: Request) -> Response:
        return pages.render(request, "left.html", public=True)

    return routes
