"""A programme with its registration form, and what happens next."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from motesplats_events import Role, Source
from services.registration import store
from services.registration.domain.programmes import Programme
from services.registration.pages.reaching import Contact, email_or_phone, on_the_one_field
from services.registration.settings import Settings
from services.registration.use_cases import registering
from services.registration.use_cases.at_once import Register
from services.registration.use_cases.referring import Unit, unit_of
from services.registration.use_cases.registering import Application, WithKnownUnit
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.text import Line, Paragraph
from shared.web import Form, Pages, Says, Ticked, language, msg, read_form, read_query


class Companion(BaseModel):
    """Somebody who comes along."""

    name: Annotated[Line, Says(missing=msg("Write the name of who comes with you"))]
    role: Annotated[Role, Says(missing=msg("Choose as what the other person comes"))]


class Referred(BaseModel):
    """What a link of a unit carried before such links were signed: some are on paper, and anybody can write one."""

    source: Annotated[Source | None, Field(alias="from")] = None
    referred_by: Annotated[Line | None, Field(alias="unit")] = None


class Registering(BaseModel):
    """The registration form; one field takes an address or a number.

    Attributes:
        by: what the link of a unit carried.
    """

    role: Annotated[Role, Says(missing=msg("Choose whether you come as a patient or as a relative"))]
    name: Annotated[Line, Says(missing=msg("Write your name"))]
    address: Paragraph = ""
    contact: Contact = ""
    language: Literal["sv", "da", "en"] = "sv"
    reminders: bool = False
    source: Source | None = None
    referred_by: Line | None = None
    by: str = ""
    companion: Companion | None = None
    consent: Annotated[Ticked, Says(missing=msg("Tick the box when you have read how your details are used"))]

    def application(self, unit: Unit | None = None) -> Application:
        """The same as the use cases take it, with the one contact field as an address or a number.

        Args:
            unit: named by staff; else what is written in the form is free words.

        Raises:
            DomainError: it looks like an address and is none.
        """
        other = self.companion
        application = Application(
            role=self.role,
            name=self.name,
            **email_or_phone(self.contact),
            address=self.address,
            language=self.language,
            reminders=self.reminders,
            consent=self.consent,
            source=unit.source if unit else self.source or Source.SELF,
            referred_by=unit.name if unit else self.referred_by or "",
            companion=registering.Companion(name=other.name, role=other.role) if other else None,
        )
        return WithKnownUnit(**application.model_dump()) if unit else application


def router(delivery: Delivery, settings: Settings, pages: Pages, register_at_once: Register) -> APIRouter:
    """Pages for everybody."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now

    async def show(request: Request, programme: Programme, form: Form[Registering]) -> Response:
        return pages.render(
            request,
            "programme.html",
            public=not form.values,
            programme=programme,
            open=programme.open_for_registration(now()),
            form=form,
        )

    @routes.get("/programmes/{programme_id}")
    async def programme(request: Request, programme_id: str) -> Response:
        found = await store.programme(reading, programme_id)
        empty: Form[Registering] = Form.of({"reminders": True, "language": language(request)})
        # What was added to the address by hand and fits nothing is passed over: somebody wants to register.
        by = request.query_params.get("by", "")
        if unit_of(settings, programme_id, by, now()):
            empty.values["by"] = [by]
        elif unsigned := read_query(request, Referred).value:
            # As if typed by who registers, who sees it and can change it.
            empty.values |= Form[Registering].of(unsigned).values
        return await show(request, found, empty)

    @routes.post("/programmes/{programme_id}")
    async def register(request: Request, programme_id: str) -> Response:
        found = await store.programme(reading, programme_id)
        form = await read_form(request, Registering)
        unit = unit_of(settings, programme_id, form.text("by"), now())
        if unit is None:
            form.values.pop("by", None)
        if form.value is not None:
            try:
                await register_at_once(programme_id, form.value.application(unit))
                return RedirectResponse(f"/programmes/{programme_id}/registered", status_code=303)
            except DomainError as error:
                form.fail(on_the_one_field(error))
        return await show(request, found, form)

    @routes.get("/programmes/{programme_id}/registered")
    async def registered(request: Request, programme_id: str) -> Response:
        # The same page after a place, a queue or an earlier registration, so that nobody learns who is registered.
        return pages.render(
            request, "registered.html", public=True, programme=await store.programme(reading, programme_id)
        )

    @routes.get("/privacy")
    async def privacy(request: Request) -> Response:
        return pages.render(request, "privacy.html", public=True, retention_months=settings.retention_months)

    return routes
