"""The pages that people and staff see, and a browser window to look at them with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from shared.access import STAFF_COOKIE
from tests.platforms import Platform

PUBLIC = [
    "/",
    "/programmes/{id}",
    "/programmes/{id}/registered",
    "/wishes/new",
    "/wishes/received",
    "/results",
    "/results/{id}",
    "/volunteer",
    "/privacy",
    "/sign-in",
    "/nowhere",
]
STAFF = [
    "/staff",
    "/staff/programmes",
    "/staff/programmes/new",
    "/staff/programmes/{id}",
    "/staff/programmes/{id}/sessions",
    "/staff/programmes/{id}/helpers",
    "/staff/programmes/{id}/groups",
    "/staff/programmes/{id}/meeting-link",
    "/staff/programmes/{id}/cancellation",
    "/staff/programmes/{id}/register",
    "/staff/programmes/{id}/import",
    "/staff/programmes/{id}/referrals",
    "/staff/people",
    "/staff/volunteers",
    "/staff/volunteers/staffing",
    "/staff/volunteers/staffing/{id}",
    "/staff/volunteers/contacts",
    "/staff/volunteers/sufficiency",
    "/staff/results",
    "/staff/results/{id}",
    "/staff/messages",
    "/staff/letters",
    "/trial/mail",
]


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
