"""People who use the platform while it is attacked, and a ledger of what it said yes to."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import httpx

from shared.access import link_token
from tests.chaos.house import House

PLACES = 4
PEOPLE = 6
# A trial takes as long as the platform needs for what was asked in it. Two courses at once: what is numbered by one
# process and commits out of turn is met too.
COURSES = 2
PAUSE_SECONDS = 2.0
# In so many courses one of those who registered asks to be forgotten.
FORGET = 0.3
FIRST_SESSION_SECONDS = 12.0
# What was asked for before, and whose answer was lost, is there already, or gone.
OVERTAKEN = (409, 410)


@dataclass
class Ledger:
    """What was acknowledged. What was asked for and not answered may have happened or not, and is not in it.

    Attributes:
        programmes: ids.
        registered: programme id and e-mail address.
        cancelled: programme id and participant id.
        attended: session id and participant id.
        held: session ids.
        forgotten: participant ids.
        volunteers: ids.
        accepted: assignment ids.
        completed: assignment ids.
        leaving: who asked to be forgotten, whether or not it was answered: participant id by programme and address.
        unanswered: requests that got no answer, or an error of the server.
        refused: requests that the platform said no to though nothing spoke against them, in words.
    """

    programmes: set[str] = field(default_factory=set)
    registered: set[tuple[str, str]] = field(default_factory=set)
    cancelled: set[tuple[str, str]] = field(default_factory=set)
    attended: set[tuple[str, str]] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    volunteers: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)
    leaving: dict[tuple[str, str], str] = field(default_factory=dict)
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)

    def __add__(self, other: "Ledger") -> "Ledger":
        both = Ledger()
        for name, kind in vars(self).items():
            more = getattr(other, name)
            setattr(both, name, kind | more if isinstance(kind, set | dict) else kind + more)
        return both

    @property
    def acknowledged(self) -> int:
        """How many operations."""
        return sum(self.by_kind.values())

    @property
    def by_kind(self) -> dict[str, int]:
        """How many operations of each kind."""
        return {name: len(kind) for name, kind in vars(self).items() if isinstance(kind, set)}


@dataclass
class Load:
    """One after the other, each on some replica that is not known to be dead."""

    house: House
    ledger: Ledger
    random: random.Random
    sessions: list[tuple[datetime, str, str]] = field(default_factory=list)
    promised: list[tuple[datetime, str]] = field(default_factory=list)
    number: int = 0

    async def run(self, until: asyncio.Event) -> None:
        """People and volunteers until the event is set."""
        async with httpx.AsyncClient(timeout=20, headers=self.house.staff) as client:
            await asyncio.gather(self._use(client, until), self._volunteer(client, until))

    async def _use(self, client: httpx.AsyncClient, until: asyncio.Event) -> None:
        while not until.is_set():
            await asyncio.gather(*(self._course(client) for _ in range(COURSES)))
            await self._hold_what_has_begun(client)
            await asyncio.sleep(PAUSE_SECONDS)

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
        self.sessions.append((starts, str(planned["sessions"][0]["session_id"]), programme))
        path = f"/api/registration/programmes/{programme}/registrations"
        await asyncio.gather(*(self._register(client, programme, path, n) for n in range(PEOPLE)))
        listed = await self._ask(client, "registration", path)
        rows = listed["registrations"] if listed else []
        for row in self.random.sample(rows, min(2, len(rows))):
            if await self._post(client, "registration", f"{path}/{row['participant_id']}/cancellation", None):
                self.ledger.cancelled.add((programme, str(row["participant_id"])))
        if rows and self.random.random() < FORGET:
            await self._forget(client, programme, self.random.choice(rows))

    async def _forget(self, client: httpx.AsyncClient, programme: str, row: Any) -> None:
        """Somebody opens their own link and asks to be forgotten."""
        id = str(row["participant_id"])
        self.ledger.leaving[programme, str(row["email"])] = id
        token = link_token(self.house.settings, "registration", id, datetime.now(UTC) + timedelta(days=1))
        if await self._post(client, "registration", "/api/registration/my/erasure", {"token": token}):
            self.ledger.forgotten.add(id)

    async def _register(self, client: httpx.AsyncClient, programme: str, path: str, number: int) -> None:
        email = f"person{number}@{programme}.example.org"
        person = {"role": "patient", "name": f"Person {number}", "email": email, "language": "sv", "consent": True}
        if await self._post(client, "registration", path, person):
            self.ledger.registered.add((programme, email))

    async def _hold_what_has_begun(self, client: httpx.AsyncClient) -> None:
        begun = [one for one in self.sessions if one[0] < datetime.now(UTC) - timedelta(seconds=1)]
        for one in begun:
            if one in self.sessions:
                self.sessions.remove(one)
                await self._hold(client, *one[1:])

    async def _hold(self, client: httpx.AsyncClient, session: str, programme: str) -> None:
        """Mark half of those with a place as there, and the session as held."""
        listed = await self._ask(client, "registration", f"/api/registration/programmes/{programme}/registrations")
        rows = [row for row in listed["registrations"] if row["status"] == "confirmed"] if listed else []
        there = [str(row["participant_id"]) for row in rows][::2]
        address = f"/api/registration/sessions/{session}"
        if there and await self._send(client, "PUT", "registration", f"{address}/attendance", {"attended": there}):
            self.ledger.attended.update((session, one) for one in there)
        if await self._post(client, "registration", f"{address}/hold", None):
            self.ledger.held.add(session)

    async def _volunteer(self, client: httpx.AsyncClient, until: asyncio.Event) -> None:
        while not until.is_set():
            self.number += 1
            person = {
                "name": f"Helper {self.number}",
                "email": f"helper{self.number}@{self.house.prefix.replace('_', '-')}.example.org",
                "language": "sv",
                "roles": ["peer"],
                "municipality": "Umeå",
                "agreement_signed_on": "2025-01-02",
                "trainings": [{"training": "basic", "completed_on": "2025-01-03"}],
            }
            enrolled = await self._post(client, "volunteers", "/api/volunteers/volunteers", person)
            if enrolled:
                self.ledger.volunteers.add(str(enrolled["volunteer_id"]))
                await self._match(client)
            for at, assignment_id in [one for one in self.promised if one[0] < datetime.now(UTC)]:
                self.promised.remove((at, assignment_id))
                done = {"hours": 1, "people_met": 2}
                path = f"/api/volunteers/assignments/{assignment_id}/completion"
                if await self._post(client, "volunteers", path, done):
                    self.ledger.completed.add(assignment_id)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _match(self, client: httpx.AsyncClient) -> None:
        """A unit asks, and whom the matching finds says yes."""
        at = datetime.now(UTC) + timedelta(seconds=FIRST_SESSION_SECONDS)
        wish = {
            "unit": "The ward",
            "unit_kind": "clinic",
            "organiser": "Region Nord",
            "municipality": "Umeå",
            "contact_name": "Somebody",
            "email": "ward@example.org",
            "role": "peer",
            "theme": "Together",
            "place": "Room 4",
            "at": at.isoformat(),
            "consent": True,
        }
        requests = "/api/volunteers/requests"
        if not (made := await self._post(client, "volunteers", requests, wish)):
            return
        address = f"{requests}/{made['request_id']}"
        if not await self._post(client, "volunteers", f"{address}/search", None):
            return
        found = await self._ask(client, "volunteers", address)
        for asked in found["assignments"] if found else []:
            token = link_token(self.house.settings, "assignment", asked["assignment_id"], at + timedelta(days=1))
            answer = {"token": token, "answer": "accept"}
            if await self._post(client, "volunteers", "/api/volunteers/answers", answer):
                self.ledger.accepted.add(str(asked["assignment_id"]))
                self.promised.append((at, str(asked["assignment_id"])))

    async def _post(self, client: httpx.AsyncClient, service: str, path: str, body: Any) -> Any:
        return await self._send(client, "POST", service, path, body)

    async def _ask(self, client: httpx.AsyncClient, service: str, path: str) -> Any:
        return await self._send(client, "GET", service, path, None)

    async def _send(self, client: httpx.AsyncClient, method: str, service: str, path: str, body: Any) -> Any:
        """The answer, or None when there is none."""
        replicas = [replica for replica in self.house.of(service) if not replica.stopped]
        if not replicas:
            await asyncio.sleep(0.2)
            return None
        asked = monotonic()
        try:
            answer = await client.request(method, self.random.choice(replicas).url + path, json=body)
        except httpx.HTTPError:
            self.ledger.unanswered += 1
            await asyncio.sleep(0.1)
            return None
        if answer.is_error:
            if answer.status_code >= 500:
                self.ledger.unanswered += 1
            elif answer.status_code not in OVERTAKEN and monotonic() - asked < FIRST_SESSION_SECONDS / 2:
                # What took longer may have come too late for its own dates.
                self.ledger.refused.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            return None
        return answer.json()
