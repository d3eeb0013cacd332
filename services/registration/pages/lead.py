"""What somebody sees who leads, by a link of their own: the sessions of their group, and where it meets."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.registration import store
from services.registration.settings import Settings
from services.registration.use_cases import leading
from shared.access import read_link
from shared.delivery import Delivery
from shared.web import Pages


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The page behind `/lead/{token}`."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now

    @routes.get("/lead/{token}")
    async def mine(request: Request, token: str) -> Response:
        leader = await leading.leader(reading, read_link(settings, leading.LINK_PURPOSE, token, now()), now())
        programme = await store.programme(reading, leader.programme_id)
        theirs = [s for s in programme.sessions if leader.leads(programme.programme_id, s.session_id)]
        day = now().astimezone(settings.zone).date()
        return pages.render(
            request,
            "lead/programme.html",
            programme=programme,
            token=token,
            today=[s for s in theirs if s.starts_at.astimezone(settings.zone).date() == day],
            coming=[s for s in theirs if s.starts_at.astimezone(settings.zone).date() > day],
            past=[s for s in reversed(theirs) if s.starts_at.astimezone(settings.zone).date() < day],
            held=await store.held_sessions(reading, [programme.programme_id]),
            meeting_link=await store.meeting_link(reading, programme.programme_id),
        )

    return routes
