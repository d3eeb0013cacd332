"""What the steps of one playing share: the platform, its clock, the people and their mails."""

import uuid
from dataclasses import dataclass
from typing import Any

from motesplats_events import RegistrationStatus, Role
from services.cli.play.api import Api, StillMissing
from services.cli.play.clock import Clock, Progress
from services.cli.play.mailbox import Mailbox
from services.cli.play.people import DOMAIN, Person, invent
from services.cli.play.result import Result
from services.cli.play.story import Story


@dataclass(slots=True)
class Participant:
    """Somebody who registered; `id` and `status` as staff last saw them."""

    person: Person
    role: Role
    id: str = ""
    status: str = ""


class Stage:
    """One playing of one story.

    Attributes:
        say: told one sentence a step.
        begun: the platform's clock when the first person registered.
        sessions: ids, in order.
        peers: who were offered an assignment.
        surveys: what each mailed survey link shows.
        given: the survey links that somebody has taken up.
    """

    def __init__(self, story: Story, api: Api, say: Progress) -> None:
        self.story, self.api, self.say = story, api, say
        self.tag = uuid.uuid4().hex[:6]
        self.clock = Clock(api)
        self.mailbox = Mailbox(api, f".{self.tag}@{DOMAIN}")
        self.result = Result(story.story)
        self.begun = story.starts
        self.participants: list[Participant] = []
        self.peers: list[Person] = []
        self.sessions: list[str] = []
        self.surveys: dict[str, dict[str, Any]] = {}
        self.given: set[str] = set()

    @property
    def programme_id(self) -> str:
        """The planned programme."""
        return self.result.programme_id

    def invent_person(self) -> Person:
        """Somebody new."""
        return invent(len(self.participants) + len(self.peers), self.tag)

    def confirmed(self) -> list[Participant]:
        """Who has a place, in the order of their registration."""
        return [p for p in self.participants if p.status == RegistrationStatus.CONFIRMED]

    async def registrations(self) -> list[dict[str, Any]]:
        """The staff's list; counts them too."""
        path = f"/api/registration/programmes/{self.programme_id}/registrations"
        answer = await self.api.get(path, staff=True)
        self.result.registrations = dict(answer["counts"])
        return list(answer["registrations"])

    async def look_up_registrations(self) -> None:
        """Learn everybody's id and status.

        Raises:
            StillMissing: somebody's registration is not there.
        """
        rows = {row["email"]: row for row in await self.registrations()}
        for participant in self.participants:
            row = rows.get(participant.person.email)
            if row is None:
                raise StillMissing(f"The registration of {participant.person.name} is not there")
            participant.id, participant.status = row["participant_id"], row["status"]

    async def sent(self) -> dict[str, int]:
        """Messages of this programme that have left, by kind."""
        path = "/api/notification/messages"
        return dict((await self.api.get(path, staff=True, programme_id=self.programme_id))["sent"])

    async def assignments(self) -> list[dict[str, Any]]:
        """The programme's assignments, as staff see them."""
        path = "/api/volunteers/assignments"
        return list((await self.api.get(path, staff=True, programme_id=self.programme_id))["assignments"])

    async def results(self) -> dict[str, Any]:
        """The programme's results, as staff see them."""
        return dict(await self.api.get(f"/api/evaluation/programmes/{self.programme_id}/results", staff=True))
