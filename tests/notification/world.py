"""The service without its loop, a mail server that can misbehave, and what many tests begin with."""

import asyncio
import email
import email.policy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import uuid_utils
from aiokafka import ConsumerRecord
from aiosmtpd.smtp import SMTP, Envelope, Session

import services.notification
from motesplats_events import (
    AttendanceRecorded,
    Event,
    SurveyKind,
    SurveyOpened,
)
from motesplats_events import Envelope as EventEnvelope
from services.notification import consumes
from services.notification.domain.messages import Message
from services.notification.domain.moments import SETTLING
from services.notification.mail.sender import Sender
from services.notification.settings import Settings
from services.notification.store import messages
from shared.access import Staff, StaffRole
from shared.delivery import Delivery
from shared.web import Pages
from tests.notification.people import Course

LONG_AGO = datetime(2025, 1, 7, 9, 0, tzinfo=UTC)


class MailServer:
    """A real SMTP server that can be away, slow to accept, or refuse.

    Attributes:
        received: what it has taken, in order.
        connections: how many have been opened.
        answer: says what to reply to a recipient's address; None: take the mail.
        hang_up_after_data: break the connection when it has the mail and before it says so.
    """

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answer: Callable[[str], str | None] = lambda _: None
        self.hang_up_after_data = False
        self._server: Any = None
        self._open: list[SMTP] = []
        self.port = 0
        self.connections = 0

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, host="127.0.0.1", port=self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _connection(self) -> SMTP:
        self.connections += 1
        connection = SMTP(self, enable_SMTPUTF8=True, loop=asyncio.get_running_loop())
        self._open.append(connection)
        return connection

    async def restart(self) -> None:
        """Close every connection and listen anew."""
        await self.stop()
        for connection in self._open:
            connection.transport.close()
        await self.start()

    async def stop(self) -> None:
        self._server.close()

    async def where(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]) -> str:
        refusal = self.answer(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, _class=EmailMessage, policy=email.policy.default)
        self.received.append(mail)
        if self.hang_up_after_data:
            server.transport.abort()
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.received if mail["To"] == address]


class World:
    """The service without its loop: events go into its inbox, and `work` does what the loop would do."""

    def __init__(self, settings: Settings, server: MailServer) -> None:
        self.settings = settings
        self.delivery = Delivery("notification", settings)
        self.pages = Pages(Path(services.notification.__file__).parent, settings)
        self.server = server
        self.sender = Sender(self.delivery, settings, self.pages, server.where)
        consumes.subscribe(self.delivery, lambda: None)
        self.time(LONG_AGO)

    def time(self, moment: datetime) -> None:
        """Set the platform's clock."""
        self.delivery.clock.ahead_by = moment - datetime.now(UTC)

    def record(self, event: Event | type[Event], sequence: int, at: datetime | None = None, subject: str = "") -> Any:
        """An event as the broker hands it out; a class with a subject is a tombstone."""
        event_type = event if isinstance(event, type) else type(event)
        key = event.subject if isinstance(event, Event) else subject
        envelope = EventEnvelope(
            id=str(uuid_utils.uuid7()),
            type=event_type.event_type(),
            source=f"/motesplats/{event_type.source}",
            subject=key,
            time=at or self.delivery.clock.now(),
            sequence=sequence,
        )
        value = event.model_dump_json().encode() if isinstance(event, Event) else None
        return ConsumerRecord(event_type.topic, 0, 0, 0, 0, key.encode(), value, None, len(key), 0, envelope.headers())

    async def hear(self, *records: Any) -> None:
        """Consume events, one batch each."""
        for record in records:
            await self.delivery.inbox.receive([record])

    async def work(self) -> None:
        """Plan and send until there is nothing left to do."""
        while await self.sender.work():
            pass

    async def settle(self) -> None:
        """Wait for what is told when everything that was changed in one go has arrived."""
        self.time(self.delivery.clock.now() + SETTLING)
        await self.work()

    async def messages(self, *recipients: str) -> dict[str, Message]:
        return {one.id: one for one in await messages.messages_to(self.delivery.reading, recipients)}

    async def outbox(self, topic: str) -> list[dict[str, Any]]:
        return await self.delivery.db.outbox.find({"topic": topic}).to_list(None)


COORDINATOR = Staff("Coordinator", StaffRole.COORDINATOR, ("*",))
FIRST_REMINDER = datetime(2025, 1, 27, 8, 0, tzinfo=UTC)


def kinds(sent: list[EmailMessage]) -> list[str]:
    return sorted(str(mail["Subject"]) for mail in sent)


async def confirmed(world: World, course: Course, person: str, **contact: Any) -> None:
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.registered(person), 1),
        world.record(course.contact(person, **contact), 1),
    )
    await world.work()


async def held(world: World, course: Course, week: int, attended: list[str], survey_id: str = "survey") -> SurveyOpened:
    """The session is over: who came is known, and a survey is open."""
    recorded = AttendanceRecorded(session_id=course.sessions[week], programme_id=course.programme_id, attended=attended)
    opened = SurveyOpened(
        survey_id=survey_id,
        programme_id=course.programme_id,
        kind=SurveyKind.SESSION,
        audience=[course.sessions[week]],
        closes_at=world.delivery.clock.now() + timedelta(days=14),
    )
    await world.hear(world.record(recorded, 1), world.record(opened, 1))
    return opened
