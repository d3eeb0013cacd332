"""Signing in with a one-time link, and out."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.registration.settings import Settings
from services.registration.use_cases import planning
from shared.access import STAFF_COOKIE, STAFF_HOURS, read_staff_token, staff_token
from shared.delivery import Delivery
from shared.errors import Gone, SignInNeeded
from shared.web import Pages

PURPOSE = "sign-in"


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /sign-in."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/sign-in")
    async def how(request: Request) -> Response:
        return pages.render(request, "sign_in.html", token="", status=401)

    @routes.get("/sign-in/{token}")
    async def ask(request: Request, token: str) -> Response:
        # Only the button signs in: mail scanners follow links, and would use up the one time.
        return pages.render(request, "sign_in.html", token=token)

    @routes.post("/sign-in/{token}")
    async def sign_in(token: str) -> Response:
        try:
            staff, id = read_staff_token(settings, token, purpose=PURPOSE)
        except SignInNeeded:
            raise Gone("This sign-in link does not work or has expired. Ask for a new one") from None
        await delivery.transact(lambda tx: planning.use_sign_in_link(tx, id), key=f"sign-in {id}")
        response = RedirectResponse("/staff", status_code=303)
        response.set_cookie(
            STAFF_COOKIE,
            staff_token(settings, staff),
            max_age=STAFF_HOURS * 3600,
            httponly=True,
            samesite="lax",
            secure=settings.public_url.startswith("https:"),
        )
        return response

    @routes.post("/sign-out")
    async def sign_out() -> Response:
        response = RedirectResponse("/", status_code=303)
        response.delete_cookie(STAFF_COOKIE)
        return response

    return routes
