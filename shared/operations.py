"""The routes for those who run the platform: documents, events, parked events, health and metrics."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from motesplats_events import EVENTS
from motesplats_events.documents import asyncapi
from shared.access import Staff, staff
from shared.delivery import Delivery, parking
from shared.logs import logger
from shared.settings import Settings

log = logger(__name__)


def of_service(delivery: Delivery, routers: Sequence[APIRouter], settings: Settings) -> APIRouter:
    """What one service answers about itself, below `/api/` and its name.

    Args:
        routers: of the service, for its OpenAPI document.
    """
    name = delivery.service
    router = APIRouter(prefix=f"/api/{name}", tags=["operations"])

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        """The service's OpenAPI document."""
        routes = [route for own in [*routers, router] for route in own.routes]
        return get_openapi(title=f"Mötesplats: {name}", version="1", routes=routes)

    @router.get("/asyncapi.json", include_in_schema=False)
    async def events() -> dict[str, Any]:
        """The AsyncAPI document of what the service publishes."""
        return asyncapi(event for event in EVENTS if event.source == name)

    @router.get("/events/counts", dependencies=[Depends(staff)])
    async def published_events() -> dict[str, int]:
        """How many events this service has published, by topic."""
        return await delivery.published()

    @router.get("/events/remembered", dependencies=[Depends(staff)])
    async def remembered_events() -> dict[str, datetime | None]:
        """From when on this service knows what it has consumed; null when it knows all."""
        return {"since": await delivery.remembers_since()}

    @router.post("/events/republish")
    async def republish_events(since: datetime, asking: Annotated[Staff, Depends(staff)]) -> dict[str, int]:
        """Send again what was published since then (real time, with its offset), before anything newer."""
        asking.must_operate()
        events = await delivery.republish(since.astimezone(UTC))
        log.warning("republishing", service=name, since=since.isoformat(), events=events)
        return {"events": events}

    if settings.trial:

        @router.get("/time", dependencies=[Depends(staff)])
        async def time() -> dict[str, datetime | str]:
            """The platform's time as this service has it: a moved clock reaches it as an event (trial mode)."""
            return {"now": delivery.clock.now(), "zone": settings.time_zone}

    @router.get("/parked", dependencies=[Depends(staff)])
    async def parked_events() -> list[parking.Parked]:
        """Events that this service could not apply, and those that wait behind them; without their content."""
        return list(await parking.parked(delivery))

    # An id can be anybody's text: in a path, a slash or two dots of it would be taken for the path's own.
    @router.get("/parked/decided", dependencies=[Depends(staff)])
    async def decided_about(event_id: str) -> list[parking.Decision]:
        """What was decided about an event that was parked, and by whom."""
        return list(await parking.decided(delivery, event_id))

    @router.post("/parked/retry")
    async def retry_parked(event_id: str, asking: Annotated[Staff, Depends(staff)]) -> dict[str, int]:
        """Apply a parked event and those behind it, until one fails."""
        asking.must_operate()
        return {"applied": await parking.retry(delivery, event_id, asking.name)}

    @router.post("/parked/discard")
    async def discard_parked(event_id: str, asking: Annotated[Staff, Depends(staff)]) -> dict[str, str]:
        """Give up a parked event for good."""
        asking.must_operate()
        await parking.discard(delivery, event_id, asking.name)
        return {"status": "discarded"}

    return router


def health(deliveries: Sequence[Delivery]) -> APIRouter:
    """Whether the process answers, and whether its services are ready."""
    router = APIRouter(prefix="/health", include_in_schema=False)

    @router.get("/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/ready")
    async def ready() -> Response:
        troubles = {one.service: found for one in deliveries if (found := await one.troubles())}
        if troubles:
            return JSONResponse({"status": "not ready", "troubles": troubles}, status_code=503)
        return JSONResponse({"status": "ready"})

    return router


def metrics(deliveries: Sequence[Delivery], token: str) -> APIRouter:
    """What Prometheus reads, for who has the token: how much goes on is nobody else's business."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def measured(authorization: Annotated[str, Header()] = "") -> Response:
        if not secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            return Response("the token of MOTESPLATS_METRICS_TOKEN is needed", 401, {"WWW-Authenticate": "Bearer"})
        for delivery in deliveries:
            await delivery.measure()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
