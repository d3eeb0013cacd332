"""JSON API under /api/volunteers."""

from fastapi import APIRouter

from services.volunteers.routes import (
    assignments,
    contacts,
    lists,
    own,
    own_shifts,
    programmes,
    requests,
    shifts,
    staffing,
    sufficiency,
    trainings,
    volunteers,
)
from services.volunteers.settings import Settings
from shared.delivery import Delivery


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """All routes of this service."""
    api = APIRouter(prefix="/api/volunteers", tags=["volunteers"])
    for part in (
        # Before the volunteers, whose ids stand in the same place.
        lists,
        volunteers,
        trainings,
        own,
        programmes,
        assignments,
        requests,
        shifts,
        own_shifts,
        staffing,
        contacts,
        sufficiency,
    ):
        api.include_router(part.router(delivery, settings))
    return api
