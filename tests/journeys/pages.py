"""The pages that people and staff see, and a browser window to look at them with."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from playwright.async_api import Browser, Page

from services.evaluation.app import build as evaluation
from services.evaluation.settings import Settings as EvaluationSettings
from services.notification.app import build as notification
from services.notification.settings import Settings as NotificationSettings
from services.registration.app import build as registration
from services.registration.settings import Settings as RegistrationSettings
from services.volunteers.app import build as volunteers
from services.volunteers.settings import Settings as VolunteersSettings
from shared.access import STAFF_COOKIE
from tests.platforms import Platform


@asynccontextmanager
async def page(
    chromium: Browser, house: Platform, width: int, language: str, *, staff: bool = False, script: bool = True
) -> AsyncIterator[Page]:
    context = await chromium.new_context(
        viewport={"width": width, "height": 900}, locale=language, java_script_enabled=script
    )
    if staff:
        await context.add_cookies([{"name": STAFF_COOKIE, "value": house.token, "url": house.url}])
    yield await context.new_page()
    await context.close()


def every_page() -> Iterator[tuple[str, str]]:
    """Method and path of every page of the four services."""
    given: dict[str, Any] = {
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "mongodb_uri": "mongodb://127.0.0.1:1/?connect=false",
        "secret_key": "a key for tests that is long enough",
        "trial": True,
    }
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for service in (
        registration(RegistrationSettings(**given)),
        notification(NotificationSettings(**given)),
        evaluation(EvaluationSettings(**given)),
        volunteers(VolunteersSettings(**given)),
    ):
        for router in service.routers:
            app.include_router(router)
    for route in iter_route_contexts(app.router.routes):
        path = getattr(route, "path", "") or ""
        if path and not path.startswith("/api/"):
            yield from ((method, path) for method in sorted(getattr(route, "methods", None) or ()))


def own_ids(things: dict[str, str], path: str) -> dict[str, str]:
    """The ids as a path means them: shifts and rotas are the house's."""
    if not any(part in path for part in ("/shifts/", "/rotas/", "/volunteers/staffing/", "/lead/", "/rota/")):
        return things
    house = {
        "programme_id": things["house_id"],
        "session_id": things["shift_id"],
        "assignment_id": things["hosting_id"],
    }
    return {**things, **house}


def filled(path: str, ids: dict[str, str]) -> str:
    """The path with ids; what is not known is somebody's too, and not there."""
    ids = own_ids(ids, path)
    parts = [
        ids.get(part.strip("{}").partition(":")[0], "00000000-0000-7000-8000-000000000000") if "{" in part else part
        for part in path.split("/")
    ]
    return "/".join(parts)
