"""The evaluation service, wired."""

from pathlib import Path

from services.evaluation import consumes, pages, routes, store
from services.evaluation.routes import reports
from services.evaluation.settings import Settings
from services.evaluation.use_cases import counting
from services.evaluation.use_cases.answering import release_and_close
from services.evaluation.use_cases.follow.people import forget_what_came_meanwhile
from shared.delivery import Delivery
from shared.service import Service
from shared.web import Pages


def build(settings: Settings) -> Service:
    """Wire the service; nothing connects before it runs."""
    delivery = Delivery("evaluation", settings)
    consumes.subscribe(delivery, settings.zone)

    async def release_when_due() -> None:
        await release_and_close(delivery, settings.staff_threshold, settings.pause)

    async def count_when_there_is_news() -> None:
        await counting.count_when_there_is_news(delivery, settings.zone, settings.counting_pause)

    async def forget_again() -> None:
        await forget_what_came_meanwhile(delivery, settings.counting_pause)

    return Service(
        name="evaluation",
        delivery=delivery,
        routers=[
            routes.router(delivery, settings),
            reports.router(delivery, settings),
            pages.router(delivery, settings, Pages(Path(__file__).parent, settings)),
        ],
        indexes=store.indexes,
        folder=Path(__file__).parent,
        tasks=[release_when_due, count_when_there_is_news, forget_again],
        untraced=["/surveys/", "/api/evaluation/surveys/"],
    )
