"""The staff's pages: the list of volunteers with its applications, and enrolling."""

from typing import Annotated, Literal

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.domain.volunteers import VolunteerStatus
from services.volunteers.pages.forms import EnrolForm
from services.volunteers.pages.words import ROLES
from services.volunteers.settings import Settings
from services.volunteers.use_cases import volunteers as use_cases
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.text import Line
from shared.web import Form, Pages, Says, language, msg, read_form, read_query

SignedIn = Annotated[Staff, Depends(staff)]
LIST = "/staff/volunteers"
FIELDS = {"signed_on": "agreement_on", "completed_on": "basic_on"}
"""What the fields of the rules are called on the form."""

ON_A_PAGE = 50


class ListFilter(BaseModel):
    """Which volunteers to show."""

    role: VolunteerRole | None = None
    municipality: Annotated[str, Field(max_length=120)] = ""
    state: Literal["enrolled", "paused", "left"] = "enrolled"
    page: Annotated[int, Field(ge=1, le=100_000)] = 1


class Searching(BaseModel):
    """Words of a name."""

    name: Annotated[Line, Says(missing=msg("Write a name, or a part of one"))]


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The list, and enrolling."""
    routes = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    async def list_page(request: Request, staff: Staff, search: Form[Searching]) -> Response:
        form = read_query(request, ListFilter)
        asked = form.value or ListFilter()
        today = rules.day(now())
        wanted = store.Filter(
            role=asked.role,
            municipality=asked.municipality or None,
            status=VolunteerStatus.LEFT if asked.state == "left" else VolunteerStatus.ENROLLED,
            paused_on=today if asked.state == "paused" else None,
        )
        if search.value is not None:
            wanted = store.Filter(words=search.value.name, status=VolunteerStatus.ENROLLED)
        total = await store.count_volunteers(reading, staff, wanted)
        last = 1 if search.value else max(1, -(-total // ON_A_PAGE))
        page = min(asked.page, last)
        return pages.render(
            request,
            "staff/volunteers.html",
            applied=await store.volunteers(reading, staff, store.Filter(status=VolunteerStatus.APPLIED)),
            found=await store.volunteers(reading, staff, wanted, skip=(page - 1) * ON_A_PAGE, limit=ON_A_PAGE),
            total=total,
            page=page,
            last=last,
            query={"role": asked.role or "", "municipality": asked.municipality, "state": asked.state},
            filtered=bool(request.url.query) or search.value is not None or bool(search.errors),
            search=search,
            most=ON_A_PAGE,
            municipalities=await store.municipalities(reading, staff),
            waiting=await store.count_waiting_requests(reading, staff),
            form=form,
            roles=ROLES,
            today=today,
        )

    @routes.get("")
    async def overview(request: Request, staff: SignedIn) -> Response:
        return await list_page(request, staff, Form())

    @routes.post("")
    async def search(request: Request, staff: SignedIn) -> Response:
        # By POST, so that no name stands in an address.
        return await list_page(request, staff, await read_form(request, Searching))

    @routes.get("/enrol")
    async def empty_form(request: Request, _: SignedIn) -> Response:
        form: Form[EnrolForm] = Form.of({"language": language(request)})
        return pages.render(request, "staff/enrol.html", form=form, roles=ROLES)

    @routes.post("/enrol")
    async def enrol(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, EnrolForm)
        if form.value is not None:
            enrolment, volunteer_id = form.value.enrolment(), str(uuid_utils.uuid7())
            try:
                await delivery.transact(
                    lambda tx: use_cases.enrol(tx, enrolment, volunteer_id, rules, staff), key=enrolment.key()
                )
                return RedirectResponse(f"{LIST}/people/{volunteer_id}", status_code=303)
            except DomainError as error:
                error.field = FIELDS.get(error.field or "", error.field)
                form.fail(error)
        return pages.render(request, "staff/enrol.html", form=form, roles=ROLES)

    return routes
