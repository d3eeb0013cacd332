"""HTML for people: answer a survey, look at results, and what staff do with them."""

from fastapi import APIRouter

from services.evaluation.pages import answering, public, reports, staff
from services.evaluation.settings import Settings
from shared.delivery import Delivery
from shared.web import Pages


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """All pages of this service."""
    routes = APIRouter(include_in_schema=False)
    routes.include_router(answering.router(delivery, pages))
    routes.include_router(public.router(delivery, settings, pages))
    # Before the programmes' results, whose addresses would take theirs for a programme's.
    routes.include_router(reports.router(delivery, settings, pages))
    routes.include_router(staff.router(delivery, settings, pages))
    return routes
