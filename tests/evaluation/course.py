"""A course as the evaluation service hears of it, and the people who answer."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import uuid_utils
from aiokafka import ConsumerRecord

from motesplats_events import (
    AttendanceRecorded,
    Envelope,
    Event,
    Place,
    PlannedSession,
    ProgrammePlanned,
    Role,
    RoleCount,
    SessionHeld,
    SurveyInvitationsMinted,
    SurveyKind,
)
from services.evaluation.app import build
from services.evaluation.domain.surveys import OPEN_FOR, survey_id
from services.evaluation.settings import Settings
from services.evaluation.use_cases.answering import look_at_open_surveys
from shared.access import Staff, StaffRole, staff_token
from shared.service import asgi

FIRST = datetime(2025, 1, 28, 16, 0, tzinfo=UTC)
AFTER_LAST = FIRST + timedelta(weeks=1, hours=3)
TOO_LATE = AFTER_LAST + OPEN_FOR + timedelta(hours=1)
THEMES = ("Sleep and rest", "Talking at home")
ORGANISER = "The clinic"
PEOPLE = [str(uuid4()) for _ in range(30)]


class House:
    """The service without its broker. Events go into its inbox, requests to its routes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        service = build(settings)
        self.delivery = service.delivery
        self.app = asgi([service], settings)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=settings.public_url,
            headers={"accept-language": "en"},
        )


class Course:
    """One course that the service evaluates, and those who come to it."""

    def __init__(self, house: House) -> None:
        self.settings = house.settings
        self.delivery = house.delivery
        self.client = house.client
        self.client.cookies.clear()
        self.programme_id = str(uuid_utils.uuid7())
        self.session_ids = [str(uuid_utils.uuid7()) for _ in THEMES]
        self.coordinator = self.signed_in()
        self._sequences = count(1)
        self.time(AFTER_LAST)

    def signed_in(self, organiser: str = ORGANISER, role: StaffRole = StaffRole.COORDINATOR) -> dict[str, str]:
        """The header of somebody on the staff."""
        token = staff_token(self.settings, Staff("Kim", role, (organiser,)))
        return {"authorization": f"Bearer {token}"}

    def time(self, moment: datetime) -> None:
        """Set the platform's clock."""
        self.delivery.clock.ahead_by = moment - datetime.now(UTC)

    def record(self, event: Event, sequence: int | None = None) -> Any:
        """An event as the broker hands it out."""
        envelope = Envelope(
            id=str(uuid_utils.uuid7()),
            type=event.event_type(),
            source=f"/motesplats/{event.source}",
            subject=event.subject,
            time=self.delivery.clock.now(),
            sequence=next(self._sequences) if sequence is None else sequence,
        )
        key, value = event.subject.encode(), event.model_dump_json().encode()
        return ConsumerRecord(
            event.topic, 0, 0, 0, 0, key, value, None, len(key), len(value), tuple(envelope.headers())
        )

    async def hear(self, *events: Event, sequence: int | None = None) -> None:
        """Consume events, one batch each, in this order."""
        for event in events:
            await self.delivery.inbox.receive([self.record(event, sequence)])
        assert await self.delivery.db.parked.count_documents({}) == 0

    def planned(self, title: str = "Living with it", organiser: str = ORGANISER) -> ProgrammePlanned:
        """The course as it was planned."""
        sessions = [
            PlannedSession(session_id=id, starts_at=FIRST + timedelta(weeks=n), minutes=120, theme=THEMES[n])
            for n, id in enumerate(self.session_ids)
        ]
        return ProgrammePlanned(
            programme_id=self.programme_id,
            title=title,
            organiser=organiser,
            kind="course",
            place=Place(name="The room", municipality="Ekby"),
            places={Role.PATIENT: 12, Role.RELATIVE: 8},
            sessions=sessions,
        )

    def held(self, number: int, attended: int) -> SessionHeld:
        """A session that has taken place."""
        return SessionHeld(
            session_id=self.session_ids[number],
            programme_id=self.programme_id,
            organiser=ORGANISER,
            municipality="Ekby",
            theme=THEMES[number],
            starts_at=FIRST + timedelta(weeks=number),
            counts={Role.PATIENT: RoleCount(expected=20, attended=attended)},
        )

    def attendance(self, number: int, attended: int) -> AttendanceRecorded:
        """Who came to it: the first of all people."""
        return AttendanceRecorded(
            session_id=self.session_ids[number], programme_id=self.programme_id, attended=PEOPLE[:attended]
        )

    def survey_id(self, number: int | None) -> str:
        """The id of a session's survey, or of the course's."""
        if number is None:
            return survey_id(SurveyKind.COURSE, self.programme_id)
        return survey_id(SurveyKind.SESSION, self.session_ids[number])

    def minted(self, number: int | None, links: int) -> tuple[SurveyInvitationsMinted, list[str]]:
        """The event that brings a survey's links, and their tokens."""
        tokens = [secrets.token_urlsafe(24) for _ in range(links)]
        hashes = sorted(hashlib.sha256(token.encode()).hexdigest() for token in tokens)
        minted = SurveyInvitationsMinted(
            survey_id=self.survey_id(number), programme_id=self.programme_id, token_hashes=hashes
        )
        return minted, tokens

    async def links(self, number: int | None, links: int) -> list[str]:
        """Bring a survey's links; their tokens."""
        minted, tokens = self.minted(number, links)
        await self.hear(minted)
        return tokens

    async def hold(self, number: int, attended: int) -> list[str]:
        """Hold a session; the tokens of those who came."""
        await self.hear(self.attendance(number, attended), self.held(number, attended))
        return await self.links(number, attended)

    async def answer(self, token: str, answers: Mapping[str, object], **more: object) -> httpx.Response:
        """Answer a survey."""
        body = {"answers": dict(answers), **more}
        return await self.client.post(f"/api/evaluation/surveys/{token}", json=body)

    async def answer_lecture(self, tokens: Sequence[str], answer: str = "very_valuable") -> None:
        """Let each answer a session's survey in the same way."""
        for token in tokens:
            assert (await self.answer(token, {"lecture": answer})).status_code == 204

    async def answer_course(self, tokens: Sequence[str], score: int = 9, **more: object) -> None:
        """Let each answer the course survey in the same way."""
        for token in tokens:
            assert (await self.answer(token, {"course": score}, **more)).status_code == 204

    async def play(
        self,
        attended: int,
        comment: str = "Good to meet others",
        consent: str = "publish",
        lectures: bool = False,
    ) -> None:
        """The whole course: everybody comes to everything and answers about the course; one leaves a comment.

        Args:
            lectures: everybody answers about the lectures too; otherwise nobody is asked.
        """
        await self.hear(self.planned())
        for number in range(len(THEMES)):
            await self.hear(self.attendance(number, attended), self.held(number, attended))
            await self.answer_lecture(await self.links(number, attended if lectures else 0))
        first, *others = await self.links(None, attended)
        await self.answer_course([first], comment=comment, quote_consent=consent)
        await self.answer_course(others)
        await self.look()

    async def results(self) -> dict[str, Any]:
        """What staff see after the service has looked at what may be released."""
        await self.look()
        address = f"/api/evaluation/programmes/{self.programme_id}/results"
        answer = await self.client.get(address, headers=self.coordinator)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    async def look(self) -> None:
        """What the service does by itself now and then."""
        await look_at_open_surveys(self.delivery, self.settings.staff_threshold)

    async def announced(self, topic: str) -> list[dict[str, Any]]:
        """What waits in the outbox or has left it, in order."""
        rows: list[dict[str, Any]] = await self.delivery.db.outbox.find({"topic": topic}).sort("order", 1).to_list(None)
        return rows
