"""People, for staff: found by name or contact, and what can be done for somebody who has called."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from services.registration import store
from services.registration.domain.people import LifeEvent, Person
from services.registration.pages.reaching import Contact, email_or_phone, on_the_one_field
from services.registration.settings import Settings
from services.registration.use_cases import details, forgetting, people, wishes
from shared.access import Staff, staff
from shared.delivery import Delivery, Transaction
from shared.errors import DomainError
from shared.text import Line, Paragraph
from shared.web import Form, Pages, Says, msg, read_form

SignedIn = Annotated[Staff, Depends(staff)]


class Searching(BaseModel):
    """How a name, an e-mail address or a number begins."""

    q: Annotated[Line, Says(missing=msg("Write how a name, an e-mail address or a number begins"))]


class Showing(BaseModel):
    """Why a protected identity is needed."""

    why: Annotated[Line, Says(missing=msg("Write why you need to see it"))]


class Doing(BaseModel):
    """What the buttons of a person's page ask for."""

    do: Literal["pause", "bereaved", "resume", "protect", "unprotect", "withdraw"]
    wish_id: str = ""


class Correcting(BaseModel):
    """Details put right for somebody who has called."""

    name: Annotated[Line, Says(missing=msg("Write the name"))]
    address: Paragraph = ""
    contact: Contact = ""

    def details(self) -> details.Details:
        """The same as the use case takes it."""
        return details.Details(name=self.name, **email_or_phone(self.contact), address=self.address)


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff/people."""
    routes = APIRouter(prefix="/staff/people", include_in_schema=False)
    reading = delivery.reading

    def search_page(
        request: Request, form: Form[Searching], found: Sequence[tuple[Person, int]] | None = None
    ) -> Response:
        return pages.render(request, "staff/people.html", form=form, found=found)

    @routes.get("")
    async def ask(request: Request, staff: SignedIn) -> Response:
        return search_page(request, Form())

    @routes.post("")
    async def search(request: Request, staff: SignedIn) -> Response:
        # By POST, so that no name stands in an address.
        form = await read_form(request, Searching)
        if form.value is None:
            return search_page(request, form)
        return search_page(request, form, await people.search(reading, form.value.q, staff))

    @routes.get("/notes")
    async def notes(request: Request, staff: SignedIn) -> Response:
        people.may_audit(staff)
        found = await store.notes(reading, staff)
        known = await store.people(reading, [note.person_id for note in found])
        return pages.render(request, "staff/people_notes.html", notes=found, people=known)

    async def person_page(
        request: Request, person: Person, staff: Staff, form: Form[Showing], *, shown: bool = False
    ) -> Response:
        return pages.render(
            request,
            "staff/person.html",
            person=person,
            shown=shown or person.listed,
            held=await people.held_by(reading, person.person_id, staff),
            wished=[
                one
                for one in await people.wished_by(reading, person.person_id)
                if wishes.concerns(staff, one.wish.municipality)
            ],
            notes=await store.notes_of(reading, person.person_id, staff),
            form=form,
        )

    @routes.get("/{person_id}")
    async def person(request: Request, person_id: str, staff: SignedIn) -> Response:
        return await person_page(request, await people.seen(reading, person_id, staff), staff, Form())

    @routes.post("/{person_id}")
    async def do(request: Request, person_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Doing)
        if form.value is not None:
            wanted, wish_id = form.value.do, form.value.wish_id

            async def work(tx: Transaction) -> None:
                match wanted:
                    case "pause":
                        await details.set_life_event(tx, person_id, LifeEvent.PAUSED, staff, settings.zone)
                    case "bereaved":
                        await details.set_life_event(tx, person_id, LifeEvent.BEREAVED, staff, settings.zone)
                    case "resume":
                        await details.set_life_event(tx, person_id, None, staff, settings.zone)
                    case "protect" | "unprotect":
                        await details.set_protection(tx, person_id, wanted == "protect", staff)
                    case "withdraw":
                        await people.withdraw_wish_for(tx, person_id, wish_id, staff, settings.zone)

            await delivery.transact(work, key="wishes" if wanted == "withdraw" else person_id)
        return RedirectResponse(f"/staff/people/{person_id}", status_code=303)

    @routes.post("/{person_id}/show")
    async def show(request: Request, person_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Showing)
        if form.value is None:
            return await person_page(request, await people.seen(reading, person_id, staff), staff, form)
        why = form.value.why
        found = await delivery.transact(lambda tx: details.show(tx, person_id, why, staff), key=person_id)
        # No redirect: the page that shows a protected identity has no address at which it could be had again.
        return await person_page(request, found, staff, Form(), shown=True)

    def details_page(request: Request, person: Person, form: Form[Correcting]) -> Response:
        return pages.render(request, "staff/person_details.html", person=person, form=form)

    @routes.get("/{person_id}/details")
    async def details_of(request: Request, person_id: str, staff: SignedIn) -> Response:
        person = await people.seen(reading, person_id, staff)
        shown = {
            "name": person.name,
            "contact": person.contact.email or person.contact.phone,
            "address": person.contact.address,
        }
        return details_page(request, person, Form.of(shown if person.listed else {}))

    @routes.post("/{person_id}/details")
    async def correct(request: Request, person_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Correcting)
        if form.value is not None:
            try:
                wanted = form.value.details()
                await delivery.transact(lambda tx: details.correct(tx, person_id, wanted, staff), key=person_id)
                return RedirectResponse(f"/staff/people/{person_id}", status_code=303)
            except DomainError as error:
                form.fail(on_the_one_field(error))
        return details_page(request, await people.seen(reading, person_id, staff), form)

    @routes.get("/{person_id}/forget")
    async def ask_to_forget(request: Request, person_id: str, staff: SignedIn) -> Response:
        person = await people.seen(reading, person_id, staff)
        held = await people.held_by(reading, person_id, staff)
        coming = [one for one in held if one.active and not one.over(delivery.clock.now())]
        return pages.render(request, "staff/person_forget.html", person=person, coming=coming)

    @routes.post("/{person_id}/forget")
    async def forget(request: Request, person_id: str, staff: SignedIn) -> Response:
        await delivery.transact(lambda tx: forgetting.forget(tx, person_id, staff, settings.zone), key=person_id)
        return pages.render(request, "staff/person_forgotten.html")

    return routes
