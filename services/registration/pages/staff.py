"""The coordinator's pages: a programme, and who is coming."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from motesplats_events import CancellationReason, RegistrationStatus
from services.registration import store
from services.registration.domain.registrations import counted, positions
from services.registration.settings import Settings
from services.registration.use_cases import places, registering, seasons
from shared.access import Staff, may, staff
from shared.delivery import Delivery, Transaction
from shared.errors import DomainError
from shared.text import Paragraph
from shared.web import Form, Pages, read_form

SignedIn = Annotated[Staff, Depends(staff)]


class Deciding(BaseModel):
    """What staff do with one registration."""

    do: Literal["cancel", "yes", "no", "accept", "decline", "link"] = "cancel"
    reason: Paragraph = ""


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    @routes.get("/staff/programmes/{programme_id}")
    async def programme(request: Request, programme_id: str, staff: SignedIn) -> Response:
        return await programme_page(request, programme_id, staff, Form.of({}))

    async def programme_page(request: Request, programme_id: str, staff: Staff, form: Form[BaseModel]) -> Response:
        found = await store.programme(reading, programme_id)
        may(staff, found)
        registrations = await store.registrations(reading, programme_id)
        return pages.render(
            request,
            "staff/programme.html",
            programme=found,
            active=[r for r in registrations if r.status is not RegistrationStatus.CANCELLED],
            counts=counted(registrations),
            people=await store.people(reading, [r.person_id for r in registrations]),
            positions=positions(registrations),
            attendances=await store.attendances(reading, programme_id),
            before=await seasons.queue_before(reading, found.copy_of, staff),
            threshold=settings.staff_threshold,
            now=now(),
            form=form,
        )

    @routes.post("/staff/programmes/{programme_id}/one-more")
    async def one_more(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form: Form[BaseModel] = Form.of({})
        try:
            await delivery.transact(lambda tx: places.take_in_one_more(tx, programme_id, staff, zone), key=programme_id)
        except DomainError as error:
            form.fail(error)
            return await programme_page(request, programme_id, staff, form)
        return RedirectResponse(f"/staff/programmes/{programme_id}", status_code=303)

    @routes.post("/staff/programmes/{programme_id}/carry-over-from/{queued_id}")
    async def carry_over(request: Request, programme_id: str, queued_id: str, staff: SignedIn) -> Response:
        form: Form[BaseModel] = Form.of({})
        try:
            await delivery.transact(
                lambda tx: seasons.carry_over(tx, queued_id, programme_id, staff, zone), key=programme_id
            )
        except DomainError as error:
            form.fail(error)
            return await programme_page(request, programme_id, staff, form)
        return RedirectResponse(f"/staff/programmes/{programme_id}", status_code=303)

    async def registration_page(
        request: Request, programme_id: str, participant_id: str, staff: Staff, form: Form[Deciding]
    ) -> Response:
        found = await store.programme(reading, programme_id)
        may(staff, found)
        registration = await store.registration_in(reading, programme_id, participant_id)
        together = [r for r in await store.together_with(reading, registration) if r.participant_id != participant_id]
        return pages.render(
            request,
            "staff/registration.html",
            programme=found,
            registration=registration,
            person=(await store.people(reading, [registration.person_id]))[registration.person_id],
            companions=await store.people(reading, [r.person_id for r in together]),
            positions=positions(await store.waiting(reading, programme_id)),
            booked=bool(await store.guests_from(reading, participant_id)),
            form=form,
        )

    @routes.get("/staff/programmes/{programme_id}/registrations/{participant_id}")
    async def registration(request: Request, programme_id: str, participant_id: str, staff: SignedIn) -> Response:
        return await registration_page(request, programme_id, participant_id, staff, Form.of({}))

    @routes.post("/staff/programmes/{programme_id}/registrations/{participant_id}")
    async def decide(request: Request, programme_id: str, participant_id: str, staff: SignedIn) -> Response:
        may(staff, await store.programme(reading, programme_id))
        await store.registration_in(reading, programme_id, participant_id)
        form = await read_form(request, Deciding)
        if form.value is not None:
            try:
                await do(programme_id, participant_id, form.value, staff)
                return RedirectResponse(f"/staff/programmes/{programme_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await registration_page(request, programme_id, participant_id, staff, form)

    async def do(programme_id: str, participant_id: str, what: Deciding, staff: Staff) -> None:
        async def work(tx: Transaction) -> None:
            match what.do:
                case "yes":
                    await places.accept_offer(tx, participant_id, zone)
                case "no":
                    await places.decline_offer(tx, participant_id, zone)
                case "accept" | "decline":
                    answer = registering.Answer(accept=what.do == "accept", reason=what.reason)
                    await registering.answer_application(tx, programme_id, participant_id, answer, staff, zone)
                case "link":
                    await registering.tell_again(tx, participant_id)
                case "cancel":
                    reason = CancellationReason.STAFF
                    await registering.cancel_registration(
                        tx, participant_id, zone, programme_id=programme_id, reason=reason
                    )

        await delivery.transact(work, key=programme_id)

    return routes
