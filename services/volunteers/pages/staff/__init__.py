"""The staff's pages under /staff/volunteers."""

from fastapi import APIRouter

from services.volunteers.pages.staff import (
    assignments,
    contacts,
    lists,
    people,
    requests,
    seasons,
    shifts,
    staffing,
    sufficiency,
    trainings,
    volunteers,
)
from services.volunteers.settings import Settings
from shared.delivery import Delivery
from shared.web import Pages

LIST = "/staff/volunteers"


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """All pages of the staff."""
    routes = APIRouter(include_in_schema=False)
    for part in (
        volunteers,
        lists,
        people,
        trainings,
        requests,
        assignments,
        staffing,
        seasons,
        shifts,
        contacts,
        sufficiency,
    ):
        routes.include_router(part.router(delivery, settings, pages), prefix=LIST)
    return routes
