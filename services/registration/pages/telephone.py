"""Registering somebody who has called."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from motesplats_events import Role, Source
from services.registration import store
from services.registration.domain.programmes import Programme
from services.registration.pages import public
from services.registration.pages.reaching import on_the_one_field
from services.registration.settings import Settings
from services.registration.use_cases import details
from services.registration.use_cases.referring import Unit
from services.registration.use_cases.registering import Application
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.text import Line
from shared.web import Form, Pages, Says, Ticked, language, msg, read_form

SignedIn = Annotated[Staff, Depends(staff)]


class Companion(public.Companion):
    """Somebody who comes along."""

    name: Annotated[Line, Says(missing=msg("Write the name of who comes along"))]


class Calling(public.Registering):
    """What somebody says on the telephone."""

    role: Annotated[Role, Says(missing=msg("Choose as what the person comes"))]
    name: Annotated[Line, Says(missing=msg("Write the name"))]
    companion: Companion | None = None
    protected: bool = False
    consent: Annotated[Ticked, Says(missing=msg("Tick the box when you have told how the details are used"))]

    def application(self, unit: Unit | None = None) -> Application:
        """The same as the use cases take it; whichever unit it names is named by staff."""
        return super().application(unit or Unit(self.source or Source.SELF, self.referred_by or ""))


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff/programmes/{programme_id}/register."""
    routes = APIRouter(prefix="/staff/programmes/{programme_id}/register", include_in_schema=False)
    reading = delivery.reading

    async def mine(programme_id: str, staff: Staff) -> Programme:
        programme = await store.programme(reading, programme_id)
        may(staff, programme)
        return programme

    @routes.get("")
    async def ask(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form: Form[Calling] = Form.of({"reminders": True, "language": language(request)})
        programme = await mine(programme_id, staff)
        return pages.render(request, "staff/telephone.html", programme=programme, form=form)

    @routes.post("")
    async def register(request: Request, programme_id: str, staff: SignedIn) -> Response:
        programme = await mine(programme_id, staff)
        form = await read_form(request, Calling)
        if form.value is not None:
            try:
                application, protected = form.value.application(), form.value.protected
                made = await delivery.transact(
                    lambda tx: details.register_for(tx, programme_id, application, protected, staff, settings.zone),
                    key=programme_id,
                )
                address = f"/staff/programmes/{programme_id}/registrations/{made.participant_id}"
                return RedirectResponse(address, status_code=303)
            except DomainError as error:
                form.fail(on_the_one_field(error))
        return pages.render(request, "staff/telephone.html", programme=programme, form=form)

    return routes
