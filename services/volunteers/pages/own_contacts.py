"""A patient supporter's own contact log, behind the link to their page."""

from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.volunteers import store
from services.volunteers.pages.contact_form import ContactForm
from services.volunteers.settings import Settings
from services.volunteers.use_cases import contacts as use_cases
from services.volunteers.use_cases.volunteers import linked_volunteer
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, read_form


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The page behind `/volunteer/{token}/contacts`. Looking at it changes nothing."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    async def page(request: Request, token: str, form: Form[ContactForm]) -> Response:
        volunteer = await linked_volunteer(reading, settings, token, now())
        found = await store.contacts_of(reading, volunteer.volunteer_id)
        today = now().astimezone(zone).date()
        return pages.render(
            request,
            "own_contacts.html",
            token=token,
            contacts=found,
            new_this_month=sum(
                one.new and (one.contacted_on.year, one.contacted_on.month) == (today.year, today.month)
                for one in found
            ),
            undoable={one.contact_id for one in found if one.can_be_undone(now(), zone)},
            units=await store.units(reading),
            organisers=await store.organisers(reading),
            form=form,
        )

    @routes.get("/volunteer/{token}/contacts")
    async def show(request: Request, token: str) -> Response:
        volunteer = await linked_volunteer(reading, settings, token, now())
        before = await store.contacts_of(reading, volunteer.volunteer_id)
        values = {
            "contact_id": str(uuid4()),
            "contacted_on": now().astimezone(zone).date().isoformat(),
            "organiser": before[0].organiser if before else "",
        }
        return await page(request, token, Form.of(values))

    @routes.post("/volunteer/{token}/contacts")
    async def note(request: Request, token: str) -> Response:
        id = (await linked_volunteer(reading, settings, token, now())).volunteer_id
        form = await read_form(request, ContactForm)
        if form.value is not None:
            new = form.value.contact()
            try:
                await delivery.transact(lambda tx: use_cases.note_contact(tx, id, new, zone), key=new.unit)
                return RedirectResponse(f"/volunteer/{token}/contacts#log", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await page(request, token, form)

    @routes.post("/volunteer/{token}/contacts/{contact_id}/undo")
    async def undo(token: str, contact_id: str) -> Response:
        id = (await linked_volunteer(reading, settings, token, now())).volunteer_id
        await delivery.transact(
            lambda tx: use_cases.undo_contact(tx, contact_id, zone, volunteer_id=id), key=contact_id
        )
        return RedirectResponse(f"/volunteer/{token}/contacts#log", status_code=303)

    return routes
