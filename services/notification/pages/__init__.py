"""HTML for staff: what was sent, whom to call, letters to print, what failed; in trial mode the mailbox."""

from fastapi import APIRouter

from services.notification.pages import letters, messages, trial
from services.notification.settings import Settings
from shared.delivery import Delivery
from shared.web import Pages


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff/messages, /staff/letters and /trial."""
    routes = APIRouter(include_in_schema=False)
    routes.include_router(messages.router(delivery, settings, pages))
    routes.include_router(letters.router(delivery, settings, pages))
    if settings.trial:
        routes.include_router(trial.router(delivery, settings, pages))
    return routes
