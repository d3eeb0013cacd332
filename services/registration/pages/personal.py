"""What a person sees behind a personal link: all that is theirs, and what they can do about it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from services.registration import store
from services.registration.domain.people import Forgotten, LifeEvent, Person
from services.registration.pages.reaching import Contact, email_or_phone, on_the_one_field
from services.registration.settings import Settings
from services.registration.use_cases import details, forgetting, guests, people, places, registering, wishes
from services.registration.use_cases.own_data import kept_about
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.text import Line, Paragraph
from shared.web import Form, Pages, Says, msg, read_form

DONE = ("accepted", "declined", "cancelled", "withdrawn", "corrected", "paused", "resumed")
"""What the page can confirm; anything else in the address is passed over."""


class Correcting(BaseModel):
    """The form for a person's own details."""

    name: Annotated[Line, Says(missing=msg("Write your name"))]
    address: Paragraph = ""
    contact: Contact = ""
    language: Literal["sv", "da", "en"] = "sv"
    reminders: bool = False

    def details(self) -> details.Details:
        """The same as the use case takes it."""
        return details.Details(
            name=self.name,
            **email_or_phone(self.contact),
            address=self.address,
            language=self.language,
            reminders=self.reminders,
        )


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages behind `/my/{token}`."""
    routes = APIRouter(prefix="/my/{token}", include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    async def whose(token: str) -> Person:
        return await people.whose(reading, settings, token, now())

    def back(token: str, done: str) -> Response:
        return RedirectResponse(f"/my/{token}?done={done}", status_code=303)

    @routes.get("")
    async def mine(request: Request, token: str) -> Response:
        person = await whose(token)
        held = await people.held_by(reading, person.person_id)
        booked = await guests.booked(reading, await store.guests_of(reading, person.person_id), now())
        done = request.query_params.get("done", "")
        return pages.render(
            request,
            "mine.html",
            token=token,
            person=person,
            held=[one for one in held if one.active],
            ended=[one for one in held if not one.active],
            wished=await people.wished_by(reading, person.person_id),
            sessions=people.to_come(held, booked, now()),
            booked_from={one.guest.own_id for one in booked},
            now=now(),
            done=done if done in DONE else "",
        )

    @routes.post("/registrations/{participant_id}/cancellation")
    async def cancel(token: str, participant_id: str) -> Response:
        own = await people.own_registration(reading, await whose(token), participant_id)
        await delivery.transact(
            lambda tx: registering.cancel_registration(tx, participant_id, zone), key=own.programme_id
        )
        return back(token, "cancelled")

    @routes.post("/registrations/{participant_id}/acceptance")
    async def accept(token: str, participant_id: str) -> Response:
        own = await people.own_registration(reading, await whose(token), participant_id)
        await delivery.transact(lambda tx: places.accept_offer(tx, participant_id, zone), key=own.programme_id)
        return back(token, "accepted")

    @routes.post("/registrations/{participant_id}/refusal")
    async def decline(token: str, participant_id: str) -> Response:
        own = await people.own_registration(reading, await whose(token), participant_id)
        await delivery.transact(lambda tx: places.decline_offer(tx, participant_id, zone), key=own.programme_id)
        return back(token, "declined")

    @routes.post("/wishes/{wish_id}/withdrawal")
    async def withdraw(token: str, wish_id: str) -> Response:
        await people.own_wish(reading, await whose(token), wish_id)
        await delivery.transact(lambda tx: wishes.withdraw_wish(tx, wish_id, zone), key="wishes")
        return back(token, "withdrawn")

    @routes.get("/data")
    async def data(token: str) -> Response:
        kept = await kept_about(reading, await whose(token))
        return Response(
            kept.model_dump_json(indent=2),
            media_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="my-data.json"'},
        )

    def details_page(request: Request, token: str, form: Form[Correcting]) -> Response:
        return pages.render(request, "mine_details.html", token=token, form=form)

    @routes.get("/details")
    async def details_of(request: Request, token: str) -> Response:
        person = await whose(token)
        registered = await store.registrations_of(reading, person.person_id)
        wished = await store.wishes_of(reading, person.person_id)
        languages = [*(one.language for one in registered), *(one.language for one in wished)]
        form: Form[Correcting] = Form.of(
            {
                "name": person.name,
                "contact": person.contact.email or person.contact.phone,
                "address": person.contact.address,
                "language": languages[0],
                "reminders": any(one.reminders for one in registered),
            }
        )
        return details_page(request, token, form)

    @routes.post("/details")
    async def correct(request: Request, token: str) -> Response:
        person_id = (await whose(token)).person_id
        form = await read_form(request, Correcting)
        if form.value is not None:
            try:
                wanted = form.value.details()
                await delivery.transact(lambda tx: details.correct(tx, person_id, wanted, None), key=person_id)
                return back(token, "corrected")
            except DomainError as error:
                form.fail(on_the_one_field(error))
        return details_page(request, token, form)

    @routes.post("/pause")
    async def pause(token: str) -> Response:
        person_id = (await whose(token)).person_id
        await delivery.transact(
            lambda tx: details.set_life_event(tx, person_id, LifeEvent.PAUSED, None, settings.zone), key=person_id
        )
        return back(token, "paused")

    @routes.post("/pause/end")
    async def resume(token: str) -> Response:
        person_id = (await whose(token)).person_id
        await delivery.transact(
            lambda tx: details.set_life_event(tx, person_id, None, None, settings.zone), key=person_id
        )
        return back(token, "resumed")

    @routes.get("/forget")
    async def ask(request: Request, token: str) -> Response:
        held = await people.held_by(reading, (await whose(token)).person_id)
        coming = [one for one in held if one.active and not one.over(now())]
        return pages.render(request, "mine_forget.html", token=token, coming=coming)

    @routes.post("/forget")
    async def forget(request: Request, token: str) -> Response:
        try:
            person_id = (await whose(token)).person_id
            await delivery.transact(lambda tx: forgetting.forget(tx, person_id, None, zone), key=person_id)
        except Forgotten:
            # Who sends the form twice is told the same.
            pass
        return pages.render(request, "forgotten.html")

    return routes
