"""The running service: a browser, and the registration service's outbox and relay."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from motesplats_events import Event
from services.notification.app import build
from services.notification.settings import Settings
from shared.access import Staff, StaffRole, staff_token
from shared.delivery import Delivery
from shared.service import asgi
from tests.notification.people import Course

HOST = "http://127.0.0.1:8080"


@dataclass
class Running:
    """The service, a browser, and the registration service's outbox and relay."""

    settings: Settings
    client: httpx.AsyncClient
    registration: Delivery
    notification: Delivery

    async def tell(self, *events: Event, sequence: int = 1) -> None:
        async def publish(tx: Any) -> None:
            for event in events:
                tx.publish(event, sequence=sequence)

        await self.registration.transact(publish)

    def as_staff(self, *organisers: str, language: str = "en") -> dict[str, str]:
        person = Staff("Karin", StaffRole.COORDINATOR, organisers or ("*",))
        token = staff_token(self.settings, person)
        return {"authorization": f"Bearer {token}", "accept-language": language}

    async def get(self, path: str, *organisers: str, language: str = "en", **query: str) -> httpx.Response:
        return await self.client.get(path, headers=self.as_staff(*organisers, language=language), params=query)

    async def post(self, path: str, *organisers: str, **form: str) -> httpx.Response:
        return await self.client.post(path, headers=self.as_staff(*organisers), data=form)

    async def mails(self, to: str, at_least: int = 1) -> list[dict[str, Any]]:
        async def look() -> list[dict[str, Any]]:
            found = (await self.get("/api/notification/trial/mail", to=to)).json()["mails"]
            return found if len(found) >= at_least else []

        return await until(look)

    async def noted_as_sent(self, message_id: str) -> None:
        """A mail can be read a moment before the sender has noted that it left."""

        async def look() -> bool:
            row = await self.notification.db.messages.find_one({"_id": message_id})
            return row is not None and row["status"] == "sent"

        await until(look)


async def until(look: Callable[[], Awaitable[Any]], seconds: float = 20) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := await look()):
            await asyncio.sleep(0.05)
    return found


def coming(running: Running, **how: Any) -> Course:
    """A course that begins in a month by the platform's clock, which other tests may have moved."""
    return Course(starts_at=running.notification.clock.now() + timedelta(days=30), **how)


@asynccontextmanager
async def runs(settings: Settings) -> AsyncIterator[Running]:
    """The service while it runs."""
    service = build(settings)
    app = asgi([service], settings)
    registration = Delivery("registration", settings)
    await registration.indexes()
    async with (
        app.router.lifespan_context(app),
        registration.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HOST) as client,
    ):
        yield Running(settings, client, registration, service.delivery)
    registration.db.client.close()
