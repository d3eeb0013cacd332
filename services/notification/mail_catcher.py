"""The mail catcher of trial mode: an SMTP server on this machine that keeps every mail and sends none on.

It runs in the event loop of the service and answers 250 only when a mail is stored, so that a mail which the sender
counts as sent can be seen, whatever is killed when.
"""

import asyncio
import email
import email.policy
import hashlib
from email.message import EmailMessage
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notification.settings import Settings
from services.notification.store.trial_mail import Mailbox
from shared.clock import Clock
from shared.logs import logger
from shared.mongo import Database

log = logger(__name__)

LARGEST_MAIL = 1_000_000


class MailCatcher:
    """Listens on a free port of the loopback interface while `run` runs."""

    def __init__(self, db: Database, settings: Settings, clock: Clock) -> None:
        self._mailbox = Mailbox(db)
        self._domain = settings.mail_from.rpartition("@")[2]
        self._clock = clock
        self._address: tuple[str, int] | None = None
        self._listening = asyncio.Event()
        self._connections: WeakSet[SMTP] = WeakSet()

    async def where(self) -> tuple[str, int]:
        """Host and port, when it listens."""
        await self._listening.wait()
        assert self._address is not None
        return self._address

    async def run(self) -> None:
        """Listen until cancelled."""
        server = await asyncio.get_running_loop().create_server(self._connection, host="127.0.0.1", port=0)
        host, port = server.sockets[0].getsockname()[:2]
        self._address = (host, port)
        self._listening.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._listening.clear()
            server.close()
            for connection in self._connections:
                if connection.transport is not None:
                    connection.transport.close()

    def _connection(self) -> SMTP:
        connection = SMTP(
            self,
            hostname=self._domain,
            ident="Motesplats trial mailbox",
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )
        self._connections.add(connection)
        return connection

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one mail. Called by aiosmtpd, which names it."""
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        mail = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
        message_id = str(mail["Message-ID"] or "").strip() or hashlib.sha256(raw).hexdigest()
        try:
            await self._mailbox.keep(
                message_id=message_id,
                to=[address.casefold() for address in envelope.rcpt_tos],
                subject=str(mail["Subject"] or ""),
                raw=raw,
                received_at=self._clock.now(),
            )
        except Exception as error:
            log.warning("mail_not_kept", error=type(error).__name__)
            return "451 4.3.0 Not stored, please try again"
        return "250 2.0.0 Stored"
