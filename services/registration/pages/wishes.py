"""Waiting for any programme of a sort, where the calendar has none."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from motesplats_events import Role
from services.registration.domain.kinds import RULES, Admission, ProgrammeKind
from services.registration.pages.reaching import Contact, email_or_phone, on_the_one_field
from services.registration.settings import Settings
from services.registration.use_cases import wishes
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.text import Line, Paragraph
from shared.web import Form, Pages, Says, Ticked, language, msg, read_form

KINDS = [kind for kind, rules in RULES.items() if rules.admission not in (Admission.WALK_IN, Admission.APPLICATION)]


class Wishing(BaseModel):
    """The form; one field takes an address or a number."""

    kind: Annotated[ProgrammeKind, Says(missing=msg("Choose what you wait for"))]
    about: Line | Literal[""] = ""
    municipality: Line | Literal[""] = ""
    role: Annotated[Role, Says(missing=msg("Choose whether you come as a patient or as a relative"))]
    name: Annotated[Line, Says(missing=msg("Write your name"))]
    address: Paragraph = ""
    contact: Contact = ""
    language: Literal["sv", "da", "en"] = "sv"
    consent: Annotated[Ticked, Says(missing=msg("Tick the box when you have read how your details are used"))]

    def wishing(self) -> wishes.Wishing:
        """The same as the use case takes it.

        Raises:
            DomainError: the contact looks like an address and is none.
        """
        return wishes.Wishing(
            kind=self.kind,
            about=self.about,
            municipality=self.municipality,
            role=self.role,
            name=self.name,
            **email_or_phone(self.contact),
            address=self.address,
            language=self.language,
            consent=self.consent,
        )


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /wishes."""
    routes = APIRouter(include_in_schema=False)

    def show(request: Request, form: Form[Wishing]) -> Response:
        return pages.render(request, "wish.html", public=not form.values, form=form, kinds=KINDS)

    @routes.get("/wishes/new")
    async def new(request: Request) -> Response:
        asked = {name: request.query_params.get(name, "")[:120] for name in ("kind", "about", "municipality")}
        form: Form[Wishing] = Form.of({"language": language(request), **asked})
        return show(request, form)

    @routes.post("/wishes/new")
    async def wish(request: Request) -> Response:
        form = await read_form(request, Wishing)
        if form.value is not None:
            try:
                wishing = form.value.wishing()
                await delivery.transact(lambda tx: wishes.make_wish(tx, wishing, settings.zone), key="wishes")
                return RedirectResponse("/wishes/received", status_code=303)
            except DomainError as error:
                form.fail(on_the_one_field(error))
        return show(request, form)

    @routes.get("/wishes/received")
    async def received(request: Request) -> Response:
        return pages.render(request, "wish_received.html", public=True)

    return routes
