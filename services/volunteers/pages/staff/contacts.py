"""The staff's page of the patient supporters' contact log."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.domain.contacts import ContactMade
from services.volunteers.pages.contact_form import ContactForm
from services.volunteers.settings import Settings
from services.volunteers.use_cases import contacts as use_cases
from services.volunteers.use_cases.organisers import organisers
from services.volunteers.use_cases.pool import seen_pool
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, Says, msg, read_form

SignedIn = Annotated[Staff, Depends(staff)]
CONTACTS = "/staff/volunteers/contacts"


class StaffContactForm(ContactForm):
    """A contact that a supporter told of."""

    volunteer_id: Annotated[str, Says(missing=msg("Choose a patient supporter"))]


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /contacts."""
    routes = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    async def page(request: Request, staff: Staff, form: Form[StaffContactForm]) -> Response:
        today = now().astimezone(zone).date()
        found = await store.contacts_in(reading, staff, date(today.year, 1, 1), today)
        supporters = await seen_pool(reading, VolunteerRole.PATIENT_SUPPORTER, staff)
        return pages.render(
            request,
            "staff/contacts.html",
            contacts=found,
            table=_new_by_month(found),
            totals=Counter(one.contacted_on.month for one in found if one.new),
            months=[date(today.year, month, 1) for month in range(1, today.month + 1)],
            names=await store.names(reading, sorted({one.volunteer_id for one in found})),
            supporters=supporters,
            units=await store.units(reading),
            organisers=await organisers(reading, staff),
            form=form,
            undoable={one.contact_id for one in found if one.can_be_undone(now(), zone)},
            year=str(today.year),
        )

    @routes.get("/contacts")
    async def show(request: Request, staff: SignedIn) -> Response:
        today = now().astimezone(zone).date()
        return await page(request, staff, Form.of({"contact_id": str(uuid4()), "contacted_on": today.isoformat()}))

    @routes.post("/contacts")
    async def note(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, StaffContactForm)
        if form.value is not None:
            volunteer_id, new = form.value.volunteer_id, form.value.contact()
            try:
                await delivery.transact(
                    lambda tx: use_cases.note_contact(tx, volunteer_id, new, zone, staff), key=new.unit
                )
                return RedirectResponse(f"{CONTACTS}#log", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await page(request, staff, form)

    @routes.post("/contacts/{contact_id}/undo")
    async def undo(contact_id: str, staff: SignedIn) -> Response:
        await delivery.transact(lambda tx: use_cases.undo_contact(tx, contact_id, zone, staff=staff), key=contact_id)
        return RedirectResponse(f"{CONTACTS}#log", status_code=303)

    return routes


def _new_by_month(contacts: Sequence[ContactMade]) -> dict[str, Counter[int]]:
    """New units of each supporter, by month."""
    table: dict[str, Counter[int]] = {}
    for one in contacts:
        table.setdefault(one.volunteer_id, Counter())[one.contacted_on.month] += one.new
    return table
