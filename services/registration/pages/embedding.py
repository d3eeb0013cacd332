"""For staff: the lines that show the calendar in another web site."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from services.registration import store
from services.registration.pages.calendar import address, wanted
from services.registration.settings import Settings
from shared.access import staff
from shared.delivery import Delivery
from shared.web import Pages, language
from shared.web.embedding import EMBEDDED, LEAST_CONTRAST, Look

HEIGHT = 800


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The page `/staff/embed`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/staff/embed", dependencies=[Depends(staff)])
    async def snippet(request: Request) -> Response:
        asked = wanted(request)
        look = Look.read(request.query_params)
        spoken = request.query_params.get("in", "") or language(request)
        path = address(EMBEDDED, {**asked.chosen, **look.query, "lang": spoken})
        return pages.render(
            request,
            "staff/embed.html",
            asked=asked,
            choices=await store.choices(delivery.reading, delivery.clock.now()),
            look=look,
            colours=[request.query_params.get(name, "") for name in ("paper", "ink", "brand")],
            refused=bool(request.query_params.get("paper")) and not look.query,
            least=LEAST_CONTRAST,
            spoken=spoken,
            by_itself=path,
            address=settings.public_url + path,
            json=settings.public_url + address("/api/registration/calendar", asked.chosen),
            height=HEIGHT,
            sites=settings.embed_sites,
        )

    return routes
