"""HTML for people: becoming a volunteer, answering an offer, and the staff's pages."""

from fastapi import APIRouter

from services.volunteers.pages import feed, link, own_contacts, own_rota, public, staff
from services.volunteers.settings import Settings
from shared.delivery import Delivery
from shared.web import Pages


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """All pages of this service."""
    routes = APIRouter(include_in_schema=False)
    for part in (public, link, own_rota, own_contacts, feed, staff):
        routes.include_router(part.router(delivery, settings, pages))
    return routes
