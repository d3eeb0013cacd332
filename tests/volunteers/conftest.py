"""The volunteers service on a real store: events as they come from the broker, people by HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uuid_utils
from aiokafka import ConsumerRecord

from motesplats_events import Envelope, Place, PlannedSession, ProgrammePlanned, Role
from services.volunteers import store
from services.volunteers.app import build
from services.volunteers.settings import Settings
from shared.access import ALL, Staff, StaffRole, link_token, staff_token
from shared.service import asgi

NOW = datetime(2025, 1, 7, 9, 0, tzinfo=UTC)
FIRST = datetime(2025, 1, 28, 16, 0, tzinfo=UTC)
SECOND = FIRST + timedelta(weeks=1)
ORGANISER = "The clinic"
PERSON: dict[str, Any] = {
    "name": "Dagny Mossfelt",
    "email": "dagny.mossfelt@example.org",
    "language": "da",
    "roles": ["peer", "host"],
    "municipality": "Jönköping",
}
READY: dict[str, Any] = {
    "agreement_signed_on": "2025-01-02",
    "trainings": [{"training": "basic", "completed_on": "2025-01-03"}],
}
"""What somebody brings who can be asked at once."""

WISH: dict[str, Any] = {
    "unit": "The ward",
    "unit_kind": "clinic",
    "organiser": ORGANISER,
    "municipality": "Jönköping",
    "contact_name": "Ylva Strand",
    "email": "ylva.strand@example.org",
    "role": "living_book",
    "theme": "Life with heart failure",
    "at": "2025-03-03T13:00:00+01:00",
    "place": "Room 4",
    "audience": "Eight nurses",
    "consent": True,
}
"""What a unit asks for."""


class World:
    """The service, a programme that it can hear of, staff, and the public."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        service = build(settings)
        self.delivery = service.delivery
        transport = httpx.ASGITransport(asgi([service], settings), raise_app_exceptions=True)
        self.http = httpx.AsyncClient(
            transport=transport, base_url=settings.public_url, headers={"accept-language": "en"}
        )
        self.staff = self.signed_in()
        self.programme_id = str(uuid_utils.uuid7())
        self.time(NOW)

    def signed_in(self, organiser: str = ORGANISER, *areas: str) -> dict[str, str]:
        """The header of a coordinator of one organiser, in some municipalities or in all."""
        token = staff_token(self.settings, Staff("Kim", StaffRole.COORDINATOR, (organiser,), areas or (ALL,)))
        return {"authorization": f"Bearer {token}"}

    def time(self, moment: datetime) -> None:
        """Set the platform's clock."""
        self.delivery.clock.ahead_by = moment - datetime.now(UTC)

    async def plan(self, title: str = "Living with it", sequence: int = 1, **change: Any) -> None:
        """Hear that the programme was planned or changed."""
        event = ProgrammePlanned(
            **{
                "programme_id": self.programme_id,
                "title": title,
                "organiser": ORGANISER,
                "kind": "course",
                "place": Place(name="The room", municipality="Jönköping"),
                "places": {Role.PATIENT: 12},
                "sessions": [
                    PlannedSession(session_id=str(n), starts_at=at, minutes=120, theme="A theme")
                    for n, at in enumerate((FIRST, SECOND))
                ],
                **change,
            }
        )
        envelope = Envelope(
            id=str(uuid_utils.uuid7()),
            type=event.event_type(),
            source="/motesplats/registration",
            subject=event.subject,
            time=NOW,
            sequence=sequence,
        )
        key, value = event.subject.encode(), event.model_dump_json().encode()
        headers = tuple(envelope.headers())
        await self.delivery.inbox.receive(
            [ConsumerRecord(event.topic, 0, 0, 0, 0, key, value, None, len(key), len(value), headers)]
        )
        assert await self.delivery.db.parked.count_documents({}) == 0

    async def post(self, path: str, body: object, **more: Any) -> httpx.Response:
        """POST to the API."""
        return await self.http.post(f"/api/volunteers/{path}", json=body, **more)

    async def get(self, path: str) -> Any:
        """What staff read from the API."""
        answer = await self.http.get(f"/api/volunteers/{path}", headers=self.staff)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def enrol(self, **change: Any) -> str:
        """Enrol somebody who is ready to be asked; their id."""
        answer = await self.post("volunteers", PERSON | READY | change, headers=self.staff)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["volunteer_id"])

    async def offer(self, volunteer_id: str, **change: Any) -> str:
        """Offer an assignment; its id."""
        body = {"volunteer_id": volunteer_id, "programme_id": self.programme_id, "role": "peer"} | change
        answer = await self.post("assignments", body, headers=self.staff)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["assignment_id"])

    async def offered(self) -> tuple[str, str]:
        """A volunteer who has been asked: the assignment's id, and the token of the mailed link."""
        await self.plan()
        assignment_id = await self.offer(await self.enrol())
        return assignment_id, self.link(assignment_id)

    async def accepted(self) -> tuple[str, str]:
        """A volunteer who has said yes, on the evening of the assignment."""
        assignment_id, token = await self.offered()
        assert (await self.post("answers", {"token": token, "answer": "accept"})).status_code == 200
        self.time(FIRST + timedelta(hours=3))
        return assignment_id, token

    async def book(self, name: str, **change: Any) -> str:
        """Enrol a living book who is ready to be asked; their id."""
        email = f"{name.split()[0].lower()}@example.org"
        return await self.enrol(**{"name": name, "email": email, "roles": ["living_book"], "language": "sv", **change})

    async def asked_for(self, **change: Any) -> str:
        """Somebody whom a unit asks for; the request's id."""
        answer = await self.post("requests", WISH | change)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["request_id"])

    async def staff_post(self, path: str, body: object = None) -> dict[str, Any]:
        """What staff get who do something that succeeds."""
        answer = await self.post(path, body, headers=self.staff)
        assert answer.status_code < 300, answer.text
        return dict(answer.json())

    def link(self, subject: str, purpose: str = "assignment", days: int = 200) -> str:
        """The token of a link, as the notification service makes it."""
        return link_token(self.settings, purpose, subject, NOW + timedelta(days=days))

    async def announced(self, topic: str) -> list[dict[str, Any]]:
        """What waits in the outbox."""
        rows: list[dict[str, Any]] = await self.delivery.db.outbox.find({"topic": topic}).sort("order", 1).to_list(None)
        return rows


@pytest.fixture
async def world(given: dict[str, Any]) -> AsyncIterator[World]:
    """The service with a database of its own."""
    found = World(Settings(**given))
    await found.delivery.indexes()
    await store.indexes(found.delivery.db)
    async with found.http:
        yield found
    found.delivery.db.client.close()
