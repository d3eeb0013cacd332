"""JSON API: programmes, registrations, attendance, and the trial clock."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Depends

from services.registration.routes import (
    calendar,
    changes,
    groups,
    lists,
    making_up,
    own,
    people,
    programmes,
    registrations,
    sessions,
)
from services.registration.routes.shapes import ClockIO
from services.registration.settings import Settings
from services.registration.use_cases import planning
from services.registration.use_cases.at_once import Register
from shared.access import staff
from shared.delivery import Delivery


def router(delivery: Delivery, settings: Settings, register: Register) -> APIRouter:
    """The routes under /api/registration."""
    api = APIRouter(prefix="/api/registration", tags=["registration"])
    api.include_router(calendar.router(delivery, settings))
    api.include_router(programmes.router(delivery, settings))
    api.include_router(registrations.router(delivery, settings, register))
    api.include_router(own.router(delivery, settings))
    api.include_router(lists.router(delivery, settings))
    api.include_router(people.router(delivery, settings))
    api.include_router(sessions.router(delivery, settings))
    api.include_router(changes.router(delivery, settings))
    api.include_router(groups.router(delivery))
    api.include_router(making_up.router(delivery, settings))
    if settings.trial:
        api.include_router(_clock(delivery))
    return api


def _clock(delivery: Delivery) -> APIRouter:
    api = APIRouter(dependencies=[Depends(staff)])

    @api.get("/clock")
    async def clock() -> ClockIO:
        """The platform's time (trial mode)."""
        return ClockIO(now=delivery.clock.now())

    @api.put("/clock")
    async def move_clock(wanted: ClockIO) -> dict[str, Any]:
        """Set the clock of an empty platform, or move it forward (trial mode)."""
        ahead = await delivery.transact(lambda tx: planning.move_clock(tx, wanted.now), key="clock")
        delivery.clock.ahead_by = timedelta(seconds=ahead)
        return {"now": delivery.clock.now()}

    return api
