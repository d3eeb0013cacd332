"""HTML for people: the calendar, registration, a participant's own page, and the coordinator's pages."""

from fastapi import APIRouter

from services.registration.pages import (
    at_session,
    calendar,
    changes,
    changing,
    embedding,
    groups,
    headcount,
    lead,
    lists,
    making_up,
    people,
    personal,
    planning,
    public,
    sign_in,
    staff,
    telephone,
    today,
    wishes,
)
from services.registration.settings import Settings
from services.registration.use_cases.at_once import Register
from shared.delivery import Delivery
from shared.web import Pages


def router(delivery: Delivery, settings: Settings, pages: Pages, register: Register) -> APIRouter:
    """All pages of this service."""
    routes = APIRouter(include_in_schema=False)
    for part in (
        calendar,
        embedding,
        today,
        personal,
        making_up,
        wishes,
        planning,
        lead,
        changes,
        changing,
        headcount,
        groups,
        at_session,
        staff,
        people,
        lists,
        telephone,
    ):
        routes.include_router(part.router(delivery, settings, pages))
    routes.include_router(public.router(delivery, settings, pages, register))
    routes.include_router(sign_in.router(delivery, settings, pages))
    return routes
