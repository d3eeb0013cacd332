"""What the steps of one chronicle share: the platform, its clock, the programmes, people and volunteers so far."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from motesplats_events import VolunteerRole
from services.cli.play.api import Api
from services.cli.play.clock import Clock, Progress
from services.cli.play.mailbox import Mailbox
from services.cli.play.people import DOMAIN, Person, invent
from services.cli.play.result import Difference


@dataclass
class Outcome:
    """What came of a chronicle.

    Attributes:
        figures: what the reports said, by report, last day, and measure or table and row.
        differences: where that is not what the story expects.
    """

    story: str
    figures: dict[str, object] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)


class Enrolled(NamedTuple):
    """A volunteer, in the role and municipality in which they were enrolled."""

    person: Person
    role: VolunteerRole
    municipality: str


@dataclass
class Offer:
    """One planned programme; `sessions` as the platform gave them."""

    programme_id: str
    title: str
    municipality: str
    sessions: list[dict[str, Any]]
    held: set[str] = field(default_factory=set)


class Stage:
    """One playing of one chronicle.

    Attributes:
        say: told one sentence a step.
        offers: the planned programmes, by what the story calls them.
        volunteers: everybody enrolled, by volunteer id.
        leading: how many programmes each group leader leads.
        asked: how many assignments each has been offered by mail.
    """

    def __init__(self, story: str, organiser: str, api: Api, say: Progress) -> None:
        self.api, self.say, self.organiser = api, say, organiser
        self.tag = uuid.uuid4().hex[:6]
        self.mailbox = Mailbox(api, f".{self.tag}@{DOMAIN}")
        self.clock = Clock(api)
        self.outcome = Outcome(story)
        self.offers: dict[str, list[Offer]] = {}
        self.volunteers: dict[str, Enrolled] = {}
        self.leading: dict[str, int] = {}
        self.asked: Counter[str] = Counter()
        self._people = 0

    def invent_person(self) -> Person:
        """Somebody new."""
        self._people += 1
        return invent(self._people, self.tag)

    def in_role(self, role: VolunteerRole, municipality: str | None = None) -> list[str]:
        """Ids of the volunteers who were enrolled in this role, the earliest first; of one municipality, or of all."""
        return [
            id for id, one in self.volunteers.items() if one.role is role and municipality in (None, one.municipality)
        ]

    def compare(self, figure: str, expected: object, got: object) -> None:
        """Keep a figure, and that it is not what the story expects."""
        self.outcome.figures[figure] = got
        if got != expected:
            self.outcome.differences.append(Difference(figure, expected, got))

    async def begun(self, name: str) -> list[tuple[Offer, dict[str, Any]]]:
        """The sessions of these programmes that have begun and are not held yet."""
        now = await self.clock.now()
        return [
            (offer, session)
            for offer in self.offers[name]
            for session in offer.sessions
            if session["session_id"] not in offer.held and datetime.fromisoformat(session["at"]) <= now
        ]

    async def registrations(self, offer: Offer) -> Sequence[dict[str, Any]]:
        """Who has registered for a programme, as staff see them."""
        path = f"/api/registration/programmes/{offer.programme_id}/registrations"
        return list((await self.api.get(path, staff=True))["registrations"])

    async def until_volunteers_know(self, offers: Sequence[Offer]) -> None:
        """Wait until the volunteers service has heard of these programmes."""

        async def unknown() -> Sequence[str]:
            rows = (await self.api.get("/api/volunteers/programmes", staff=True))["programmes"]
            known = {row["programme_id"] for row in rows}
            return [offer.title for offer in offers if offer.programme_id not in known]

        await self.api.until(unknown, "Programmes that volunteers can be asked to")

    async def token(self, email: str, page: str, times: int) -> str:
        """The token of the newest link to a page in the mails to an address, when so many mails hold one.

        Raises:
            StillMissing: they have not come.
        """
        found: list[str] = []

        async def missing() -> Sequence[str]:
            found[:] = [t for mail in await self.mailbox.look() if mail.to == email if (t := mail.token(page))]
            return [] if len(found) >= times else [f"{email} has {len(found)} of {times} links to /{page}"]

        await self.api.until(missing, "Mails")
        return found[-1]
