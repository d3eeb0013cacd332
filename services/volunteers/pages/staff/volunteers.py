"""The staff's pages: volunteers and applications."""

from typing import Annotated

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.volunteers import store
from services.volunteers.domain.volunteers import VolunteerStatus
from services.volunteers.pages.forms import EnrolForm
from services.volunteers.pages.words import ROLES
from services.volunteers.settings import Settings
from services.volunteers.use_cases import volunteers as use_cases
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, language, read_form

SignedIn = Annotated[Staff, Depends(staff)]
FIELDS = {"signed_on": "agreement_on", "completed_on": "basic_on"}
"""What the fields of the rules are called on the form."""

ENROLLED = "/staff/volunteers#enrolled"


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The overview, enrolling, and confirming applications."""
    routes = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    @routes.get("")
    async def overview(request: Request, staff: SignedIn) -> Response:
        people = await store.volunteers(reading, staff)
        return pages.render(
            request,
            "staff/volunteers.html",
            applied=[one for one in people if one.status is VolunteerStatus.APPLIED],
            enrolled=[one for one in people if one.status is VolunteerStatus.ENROLLED],
            names={one.volunteer_id: one.name for one in people},
            assignments=await store.assignments(reading, staff),
            programmes=await store.programme_titles(reading, staff),
            roles=ROLES,
            now=now(),
        )

    @routes.get("/enrol")
    async def empty_form(request: Request, _: SignedIn) -> Response:
        form: Form[EnrolForm] = Form.of({"language": language(request)})
        return pages.render(request, "staff/enrol.html", form=form, roles=ROLES)

    @routes.post("/enrol")
    async def enrol(request: Request, _: SignedIn) -> Response:
        form = await read_form(request, EnrolForm)
        if form.value is not None:
            enrolment, volunteer_id = form.value.enrolment(), str(uuid_utils.uuid7())
            try:
                await delivery.transact(
                    lambda tx: use_cases.enrol(tx, enrolment, volunteer_id, rules), key=enrolment.key()
                )
                return RedirectResponse(ENROLLED, status_code=303)
            except DomainError as error:
                error.field = FIELDS.get(error.field or "", error.field)
                form.fail(error)
        return pages.render(request, "staff/enrol.html", form=form, roles=ROLES)

    @routes.post("/{volunteer_id}/confirmation")
    async def confirm(volunteer_id: str, staff: SignedIn) -> Response:
        await delivery.transact(
            lambda tx: use_cases.confirm_application(tx, volunteer_id, staff, rules), key=volunteer_id
        )
        return RedirectResponse(ENROLLED, status_code=303)

    return routes
