"""A missed theme made up elsewhere: from the person's own page, and by staff for them."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from services.registration import store
from services.registration.domain.guests import Guest
from services.registration.domain.people import Person
from services.registration.domain.registrations import Registration
from services.registration.settings import Settings
from services.registration.use_cases import guests, people
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, read_form

SignedIn = Annotated[Staff, Depends(staff)]
OWN = "/my/{token}/missed"
BY_STAFF = "/staff/programmes/{programme_id}/registrations/{participant_id}/missed"


class Booking(BaseModel):
    """A session for a missed one, or with `give_up` a booking that is given up.

    Attributes:
        of: the participant id under which somebody missed it.
    """

    of: str = ""
    missed: str = ""
    session: str = ""
    give_up: str = ""


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The pages for both."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now

    async def page(
        request: Request,
        registrations: Sequence[Registration],
        booked: Sequence[Guest],
        back: str,
        form: Form[Booking],
        name: Person | None,
    ) -> Response:
        return pages.render(
            request,
            "missed.html",
            person=name,
            booked=await guests.booked(reading, booked, now()),
            missed=[
                (registration, await store.programme(reading, registration.programme_id), one)
                for registration in registrations
                for one in await guests.what_was_missed(reading, registration, now())
            ],
            back=back,
            here=f"{back}/missed",
            now=now(),
            form=form,
        )

    async def book(form: Form[Booking], of: str, back: str, by: Staff | None) -> Response | None:
        """Do it and show the page anew; None when a rule said no, which the form then holds."""
        if (typed := form.value) is None:
            return None
        try:
            if typed.give_up:
                there = (await store.guest(reading, typed.give_up)).programme_id
                await delivery.transact(
                    lambda tx: guests.cancel_guest(tx, of, typed.give_up, settings.zone, staff=by), key=there
                )
            else:
                there = (await store.programme_of_session(reading, typed.session)).programme_id
                await delivery.transact(
                    lambda tx: guests.book_guest(tx, of, typed.missed, typed.session, staff=by), key=there
                )
        except DomainError as error:
            form.fail(error)
            return None
        return RedirectResponse(f"{back}/missed", status_code=303)

    async def own(token: str) -> Person:
        return await people.whose(reading, settings, token, now())

    async def own_page(request: Request, token: str, person: Person, form: Form[Booking]) -> Response:
        mine = await store.registrations_of(reading, person.person_id)
        booked = await store.guests_of(reading, person.person_id)
        return await page(request, mine, booked, f"/my/{token}", form, None)

    async def theirs(programme_id: str, participant_id: str, staff: Staff) -> Registration:
        may(staff, await store.programme(reading, programme_id))
        return await store.registration_in(reading, programme_id, participant_id)

    async def their_page(request: Request, registration: Registration, form: Form[Booking]) -> Response:
        person = await store.person(reading, registration.person_id)
        booked = await store.guests_from(reading, registration.participant_id)
        return await page(request, [registration], booked, request.url.path.removesuffix("/missed"), form, person)

    @routes.get(OWN)
    async def mine(request: Request, token: str) -> Response:
        return await own_page(request, token, await own(token), Form())

    @routes.post(OWN)
    async def book_mine(request: Request, token: str) -> Response:
        person = await own(token)
        form = await read_form(request, Booking)
        of = (await people.own_registration(reading, person, form.text("of"))).participant_id
        done = await book(form, of, f"/my/{token}", None)
        return done or await own_page(request, token, person, form)

    @routes.get(BY_STAFF)
    async def of_somebody(request: Request, programme_id: str, participant_id: str, staff: SignedIn) -> Response:
        return await their_page(request, await theirs(programme_id, participant_id, staff), Form())

    @routes.post(BY_STAFF)
    async def book_for(request: Request, programme_id: str, participant_id: str, staff: SignedIn) -> Response:
        registration = await theirs(programme_id, participant_id, staff)
        form = await read_form(request, Booking)
        done = await book(form, participant_id, request.url.path.removesuffix("/missed"), staff)
        return done or await their_page(request, registration, form)

    return routes
