"""The notification service, wired."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from services.notification import consumes, pages, routes, store
from services.notification.mail.sender import Sender
from services.notification.settings import Settings
from shared.delivery import Delivery
from shared.service import Service
from shared.web import Pages


def build(settings: Settings) -> Service:
    """Wire the service; nothing connects before it runs."""
    delivery = Delivery("notification", settings)
    texts = Pages(Path(__file__).parent, settings)
    tasks: list[Callable[[], Awaitable[None]]] = []

    async def mail_server() -> tuple[str, int]:
        return settings.smtp_host, settings.smtp_port

    where = mail_server
    if settings.catches_mail:
        # Only here: the catcher's server is not installed where people are served.
        from services.notification.mail_catcher import MailCatcher

        catcher = MailCatcher(delivery.db, settings, delivery.clock)
        where = catcher.where
        tasks.append(catcher.run)

    sender = Sender(delivery, settings, texts, where)
    tasks.append(sender.run)
    consumes.subscribe(delivery, sender.wake)
    return Service(
        name="notification",
        delivery=delivery,
        routers=[routes.router(delivery, settings, texts), pages.router(delivery, settings, texts)],
        indexes=store.indexes,
        tasks=tasks,
        folder=Path(__file__).parent,
    )
