"""HTML for people: becoming a volunteer and one's own page, asking for one, answering an offer, the staff's pages."""

from fastapi import APIRouter

from services.volunteers.pages import ask, feed, link, own, own_contacts, own_rota, public, staff
from services.volunteers.settings import Settings
from shared.delivery import Delivery
from shared.web import Pages


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """All pages of this service."""
    routes = APIRouter(include_in_schema=False)
    for part in (public, own, own_rota, own_contacts, feed, ask, link, staff):
        routes.include_router(part.router(delivery, settings, pages))
    return routes
