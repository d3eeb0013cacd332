"""The registration service on a real store and broker, asked over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uuid_utils
from aiokafka import ConsumerRecord

from motesplats_events import Envelope, Event
from services.registration.app import build
from services.registration.settings import Settings
from services.registration.use_cases import due
from shared.access import Staff, StaffRole, link_token, staff_token
from shared.delivery import Delivery
from shared.service import asgi


@dataclass
class Running:
    """A running service.

    Attributes:
        http: as the public sees it.
        staff: as a coordinator of all organisers sees it.
    """

    http: httpx.AsyncClient
    staff: httpx.AsyncClient
    settings: Settings
    delivery: Delivery

    async def plan(
        self, patient: int = 2, relative: int = 2, organiser: str = "Clinic", days: int = 21, **more: Any
    ) -> dict[str, Any]:
        first = self.delivery.clock.now() + timedelta(days=days)
        body = {
            "title": "An evening course",
            "organiser": organiser,
            "place": {"name": "The room", "municipality": "Tranås"},
            "places": {"patient": patient, "relative": relative},
            "sessions": [
                {"at": (first + timedelta(weeks=week)).isoformat(), "minutes": 90, "theme": f"Theme {week}"}
                for week in range(2)
            ],
            **more,
        }
        answer = await self.staff.post("/api/registration/programmes", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def register(
        self, programme: dict[str, Any], name: str, /, role: str = "patient", **more: Any
    ) -> httpx.Response:
        person = {
            "role": role,
            "name": name,
            "email": f"{name.casefold().replace(' ', '.')}@example.org",
            "consent": True,
        }
        address = f"/api/registration/programmes/{programme['programme_id']}/registrations"
        return await self.http.post(address, json=person | more)

    async def registrations(self, programme: dict[str, Any]) -> dict[str, Any]:
        answer = await self.staff.get(f"/api/registration/programmes/{programme['programme_id']}/registrations")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def named(self, programme: dict[str, Any], name: str) -> dict[str, Any]:
        everybody = (await self.registrations(programme))["registrations"]
        return next(dict(row) for row in everybody if row["name"] == name)

    def link(self, participant_id: str, days: int = 60, purpose: str = "registration") -> str:
        return link_token(self.settings, purpose, participant_id, self.delivery.clock.now() + timedelta(days=days))

    async def due(self) -> None:
        """What the service does by itself every few seconds, now."""
        await due.once(self.delivery, self.settings)

    def later(self, **by: float) -> None:
        """Move the platform's clock forward."""
        self.delivery.clock.ahead_by += timedelta(**by)

    async def statuses(self, programme: dict[str, Any]) -> dict[str, str]:
        """Where everybody stands, by name; of somebody who registered again, the newest."""
        return {row["name"]: row["status"] for row in (await self.registrations(programme))["registrations"]}

    async def hear(self, event: Event, sequence: int = 1) -> None:
        """Apply an event of another service as it comes from the broker."""
        envelope = Envelope(
            id=str(uuid_utils.uuid7()),
            type=event.event_type(),
            source=f"/motesplats/{event.source}",
            subject=event.subject,
            time=self.delivery.clock.now(),
            sequence=sequence,
        )
        key, value = event.subject.encode(), event.model_dump_json().encode()
        headers = tuple(envelope.headers())
        await self.delivery.inbox.receive(
            [ConsumerRecord(event.topic, 0, 0, 0, 0, key, value, None, len(key), len(value), headers)]
        )
        assert await self.delivery.db.parked.count_documents({}) == 0

    async def announced(self, topic: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self.delivery.db.outbox.find({"topic": topic}).sort("order", 1).to_list(None)
        return rows


@asynccontextmanager
async def serving(given: dict[str, Any], **settings: Any) -> AsyncIterator[Running]:
    """The service, started and stopped."""
    own = Settings(**given, **settings)
    service = build(own)
    app = asgi([service], own)
    token = staff_token(own, Staff("Kim", StaffRole.COORDINATOR, ("*",)))
    english = {"accept-language": "en"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=own.public_url, headers=english) as http,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url=own.public_url,
            headers={**english, "authorization": f"Bearer {token}"},
        ) as staff,
    ):
        yield Running(http, staff, own, service.delivery)


@pytest.fixture
async def service(given: dict[str, Any]) -> AsyncIterator[Running]:
    """The registration service with its guard."""
    async with serving(given) as running:
        yield running
