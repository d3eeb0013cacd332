"""What a participant sees behind the personal link: how the registration stands, and a way to cancel."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from motesplats_events import RegistrationStatus
from services.registration import store
from services.registration.domain.registrations import LINK_PURPOSE, positions
from services.registration.settings import Settings
from services.registration.use_cases import registering
from shared.access import read_link
from shared.delivery import Delivery
from shared.web import Pages


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages behind `/my/{token}`."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now

    @routes.get("/my/{token}")
    async def mine(request: Request, token: str) -> Response:
        registration = await store.registration(reading, read_link(settings, LINK_PURPOSE, token, now()))
        programme = await store.programme(reading, registration.programme_id)
        place_in_queue = None
        if registration.status is RegistrationStatus.WAITING:
            waiting = await store.waiting(reading, programme.programme_id)
            place_in_queue = positions(waiting)[registration.participant_id]
        return pages.render(
            request,
            "mine.html",
            registration=registration,
            programme=programme,
            position=place_in_queue,
            token=token,
            over=now() >= programme.ends_at,
        )

    @routes.post("/my/{token}/cancellation")
    async def cancel(token: str) -> Response:
        participant_id = read_link(settings, LINK_PURPOSE, token, now())
        programme_id = (await store.registration(reading, participant_id)).programme_id
        await delivery.transact(
            lambda tx: registering.cancel_registration(tx, participant_id, settings.zone), key=programme_id
        )
        return RedirectResponse(f"/my/{token}", status_code=303)

    return routes
