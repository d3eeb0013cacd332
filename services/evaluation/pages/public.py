"""Published results, for everybody."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.evaluation.domain.instruments import COURSE_WHOLE, LECTURE_VALUE
from services.evaluation.settings import Settings
from services.evaluation.store import posters
from shared.delivery import Delivery
from shared.errors import NotFound
from shared.web import Pages


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under `/results`."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/results")
    async def overview(request: Request) -> Response:
        published = await posters.all_published(delivery.reading)
        return pages.render(request, "results.html", public=True, published=published)

    @routes.get("/results/{programme_id}")
    async def poster(request: Request, programme_id: str) -> Response:
        published = await posters.published(delivery.reading, programme_id)
        if published is None:
            raise NotFound("No results have been published here")
        return pages.render(
            request,
            "poster.html",
            public=True,
            published=published,
            poster=published.poster,
            lecture=LECTURE_VALUE.question,
            course=COURSE_WHOLE.question,
            threshold=settings.public_threshold,
        )

    return routes
