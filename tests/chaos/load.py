"""People who use the platform while it is attacked, and a ledger of what it said yes to."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.chaos.house import House

PLACES = 4
PEOPLE = 6
FIRST_SESSION_SECONDS = 12.0


@dataclass
class Ledger:
    """What was acknowledged. What was asked for and not answered may have happened or not, and is not in it.

    Attributes:
        programmes: ids.
        registered: programme id and e-mail address.
        cancelled: programme id and participant id.
        held: session ids.
        volunteers: ids.
        offered: assignment ids.
        refused: requests that got no answer, or an error of the server.
    """

    programmes: set[str] = field(default_factory=set)
    registered: set[tuple[str, str]] = field(default_factory=set)
    cancelled: set[tuple[str, str]] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    volunteers: set[str] = field(default_factory=set)
    offered: set[str] = field(default_factory=set)
    refused: int = 0

    @property
    def acknowledged(self) -> int:
        """How many operations."""
        kinds = (self.programmes, self.registered, self.cancelled, self.held, self.volunteers, self.offered)
        return sum(len(kind) for kind in kinds)


@dataclass
class Load:
    """One after the other, each on some replica that is not known to be dead."""

    house: House
    ledger: Ledger
    random: random.Random
    sessions: list[tuple[datetime, str]] = field(default_factory=list)
    number: int = 0

    async def run(self, until: asyncio.Event) -> None:
        """Some users at once until the event is set."""
        async with httpx.AsyncClient(timeout=20, headers=self.house.staff) as client:
            await asyncio.gather(*(self._use(client, until) for _ in range(4)), self._volunteer(client, until))

    async def _use(self, client: httpx.AsyncClient, until: asyncio.Event) -> None:
        while not until.is_set():
            await self._course(client)
            await self._hold_what_has_begun(client)

    async def _course(self, client: httpx.AsyncClient) -> None:
        self.number += 1
        starts = datetime.now(UTC) + timedelta(seconds=FIRST_SESSION_SECONDS)
        planned = await self._post(
            client,
            "registration",
            "/api/registration/programmes",
            {
                "title": f"Course {self.number}",
                "organiser": "Region Nord",
                "place": {"name": "House", "municipality": "Umeå"},
                "places": {"patient": PLACES},
                "sessions": [{"at": starts.isoformat(), "minutes": 60, "theme": "Together"}],
            },
        )
        if planned is None:
            return
        programme = str(planned["programme_id"])
        self.ledger.programmes.add(programme)
        self.sessions.append((starts, str(planned["sessions"][0]["session_id"])))
        path = f"/api/registration/programmes/{programme}/registrations"
        await asyncio.gather(*(self._register(client, programme, path, n) for n in range(PEOPLE)))
        listed = await self._ask(client, "registration", path)
        rows = listed["registrations"] if listed else []
        for row in self.random.sample(rows, min(2, len(rows))):
            if await self._post(client, "registration", f"{path}/{row['participant_id']}/cancellation", None):
                self.ledger.cancelled.add((programme, str(row["participant_id"])))

    async def _register(self, client: httpx.AsyncClient, programme: str, path: str, number: int) -> None:
        email = f"person{number}@{programme}.invalid"
        person = {"role": "patient", "name": f"Person {number}", "email": email, "language": "sv", "consent": True}
        if await self._post(client, "registration", path, person):
            self.ledger.registered.add((programme, email))

    async def _hold_what_has_begun(self, client: httpx.AsyncClient) -> None:
        begun = [one for one in self.sessions if one[0] < datetime.now(UTC) - timedelta(seconds=1)]
        for one in begun:
            if one in self.sessions:
                self.sessions.remove(one)
                if await self._post(client, "registration", f"/api/registration/sessions/{one[1]}/hold", None):
                    self.ledger.held.add(one[1])

    async def _volunteer(self, client: httpx.AsyncClient, until: asyncio.Event) -> None:
        while not until.is_set():
            self.number += 1
            person = {
                "name": f"Helper {self.number}",
                "email": f"helper{self.number}@{self.house.prefix}.invalid",
                "language": "sv",
                "roles": ["peer"],
                "municipality": "Umeå",
                "agreement_signed_on": "2025-01-02",
                "trainings": [{"training": "basic", "completed_on": "2025-01-03"}],
            }
            enrolled = await self._post(client, "volunteers", "/api/volunteers/volunteers", person)
            known = await self._ask(client, "volunteers", "/api/volunteers/programmes")
            programmes: Sequence[Any] = known["programmes"] if known else []
            if enrolled:
                self.ledger.volunteers.add(str(enrolled["volunteer_id"]))
            if enrolled and programmes:
                programme = self.random.choice(programmes)["programme_id"]
                offer = {"volunteer_id": enrolled["volunteer_id"], "programme_id": programme, "role": "peer"}
                offered = await self._post(client, "volunteers", "/api/volunteers/assignments", offer)
                if offered:
                    self.ledger.offered.add(str(offered["assignment_id"]))
            await asyncio.sleep(0.1)

    async def _post(self, client: httpx.AsyncClient, service: str, path: str, body: Any) -> Any:
        return await self._send(client, "POST", service, path, body)

    async def _ask(self, client: httpx.AsyncClient, service: str, path: str) -> Any:
        return await self._send(client, "GET", service, path, None)

    async def _send(self, client: httpx.AsyncClient, method: str, service: str, path: str, body: Any) -> Any:
        """The answer, or None when there is none or the platform says no."""
        replicas = [replica for replica in self.house.of(service) if not replica.stopped]
        if not replicas:
            await asyncio.sleep(0.2)
            return None
        try:
            answer = await client.request(method, self.random.choice(replicas).url + path, json=body)
        except httpx.HTTPError:
            self.ledger.refused += 1
            await asyncio.sleep(0.1)
            return None
        if answer.is_error:
            self.ledger.refused += answer.status_code >= 500
            return None
        return answer.json()
