"""The loop that plans what has changed and sends what is due.

A mail is sent at least once. Where the connection breaks after the server has the mail and before it has said so, or
the process dies before it could note that the mail has left, the mail is sent again, with the same Message-ID, by
which most mailboxes drop the second one. There is no way to do better over SMTP.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic

from services.notification.domain.messages import Message, Reason, Status
from services.notification.domain.sending import Outcome, decide, pause_before
from services.notification.domain.situation import Situation
from services.notification.mail.compose import BadAddress, Compose, compose, compose_sms
from services.notification.mail.smtp import Connection, Refused, Unreachable, Where
from services.notification.settings import Settings
from services.notification.store import messages
from services.notification.use_cases.planning import anything_changed, plan_what_changed
from services.notification.use_cases.situations import situation as situation_of
from shared.delivery import Delivery
from shared.logs import logger
from shared.mongo import is_outage
from shared.web import Pages

log = logger(__name__)

IN_HAND = 20
ALERT_SECONDS = 0.5
ALERT_POLL_SECONDS = 0.05
KEEP_OPEN_SECONDS = 20.0
TIDY_SECONDS = 5.0
WAIT = timedelta(seconds=2)
HOLD = timedelta(minutes=10)
"""What is planned for somebody on a pause is held back; this is for what was in hand when the pause began or ended."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0


class Sender:
    """Plans and sends for as long as it runs. Several may run at once: what one has in hand, no other takes.

    Args:
        where: host and port of the mail server, asked anew for every connection.
    """

    def __init__(self, delivery: Delivery, settings: Settings, pages: Pages, where: Where) -> None:
        self._delivery = delivery
        self._reading = delivery.reading
        self._settings = settings
        self._pages = pages
        self._connections = [Connection(settings, where) for _ in range(settings.smtp_connections)]
        self._wake = asyncio.Event()
        self._alert_until = 0.0
        self._sent_at = 0.0
        self._tidied_at = 0.0

    def wake(self) -> None:
        """Something has come that may lead to a message; it is committed in a moment."""
        self._alert_until = monotonic() + ALERT_SECONDS
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. An outage of the store or the mail server is waited out."""
        pause = FIRST_PAUSE_SECONDS
        try:
            while True:
                try:
                    worked = await self.work()
                    pause = FIRST_PAUSE_SECONDS
                except Exception as error:
                    if not isinstance(error, Unreachable) and not is_outage(error):
                        raise
                    log.warning("sender_waits", error=type(error).__name__, seconds=pause)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                    continue
                if not worked:
                    await self._rest()
        finally:
            await self._hang_up()

    async def work(self) -> bool:
        """Plan what has changed and send some of what is due; False when there was nothing to do.

        Raises:
            Unreachable: the mail server is away; what was in hand has been put back.
        """
        zone = self._settings.zone
        planned = 0
        if await anything_changed(self._reading):
            planned = await self._delivery.transact(lambda tx: plan_what_changed(tx, zone), key="planning")
        await self._tidy()
        in_hand = await messages.take_due(
            self._reading,
            now=self._delivery.clock.now(),
            real_now=datetime.now(UTC),
            real_until=self._lease_end(),
            limit=IN_HAND,
        )
        if in_hand.messages:
            keeping = asyncio.create_task(self._keep(in_hand))
            try:
                await self._handle_all(in_hand.messages)
            finally:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
        return bool(planned or in_hand.messages)

    def _lease_end(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._settings.mail_lease_seconds)

    async def _keep(self, in_hand: messages.InHand) -> None:
        """A slow mail server is no reason for another sender to send the same."""
        while True:
            await asyncio.sleep(self._settings.mail_lease_seconds / 3)
            await messages.keep_in_hand(self._reading, in_hand, real_until=self._lease_end())

    async def _handle_all(self, due: Sequence[Message]) -> None:
        # What is for one person leaves in order, over one connection.
        to_each: dict[str, list[Message]] = {}
        for message in due:
            to_each.setdefault(message.recipient, []).append(message)
        waiting = deque(to_each.values())
        unreachable = False

        async def take_turns(connection: Connection) -> None:
            nonlocal unreachable
            while waiting:
                for message in waiting.popleft():
                    if not unreachable:
                        try:
                            await self._handle(message, connection)
                            continue
                        except Unreachable:
                            unreachable = True
                    await self._put_back(message)

        # Every turn is taken to its end, also when another one fails: nothing stays in hand.
        turns = await asyncio.gather(*map(take_turns, self._connections), return_exceptions=True)
        for failed in turns:
            if isinstance(failed, BaseException):
                raise failed
        if unreachable:
            raise Unreachable

    async def _put_back(self, message: Message) -> None:
        await messages.put_off(self._reading, message.id, real_until=datetime.now(UTC), tries=message.tries)

    async def _handle(self, message: Message, connection: Connection) -> None:
        """Look once more whether the message may leave, and let it."""
        situation = await situation_of(self._reading, message)
        now = self._delivery.clock.now()
        sms = bool(self._settings.sms_gateway_domain)
        decision = decide(message, situation, self._settings.zone, now, sms=sms)
        match decision.outcome:
            case Outcome.WAIT | Outcome.HOLD:
                later = datetime.now(UTC) + (WAIT if decision.outcome is Outcome.WAIT else HOLD)
                await messages.put_off(self._reading, message.id, real_until=later, tries=message.tries)
            case Outcome.DROP:
                await self._settle(message, Status.DROPPED, decision.reason)
            case Outcome.CALL:
                await self._settle(message, Status.CALL)
            case Outcome.LETTER:
                await self._settle(message, Status.LETTER)
            case Outcome.SEND:
                await self._send(message, situation, connection, now, compose, Status.FAILED)
            case Outcome.SMS:
                # Somebody can still ring.
                await self._send(message, situation, connection, now, compose_sms, Status.CALL)

    async def _send(
        self,
        message: Message,
        situation: Situation,
        connection: Connection,
        now: datetime,
        write: Compose,
        in_vain: Status,
    ) -> None:
        """Let a message leave.

        Args:
            write: makes the mail of it.
            in_vain: where it stands when the server does not take it.
        """
        try:
            mail = write(message, situation, self._settings, self._pages, now)
            await connection.send(mail)
        except BadAddress:
            await self._settle(message, in_vain, Reason.BAD_ADDRESS)
        except Refused as refusal:
            if refusal.for_good:
                await self._settle(message, in_vain, Reason.REFUSED)
            else:
                await self._put_off(message, in_vain)
        except Unreachable:
            raise
        except Exception:
            # One message that cannot be made must not hold up the others.
            log.exception("message_failed", kind=message.kind.value)
            await self._put_off(message, in_vain)
        else:
            self._sent_at = monotonic()
            await self._settle(message, Status.SENT)
            log.info("message_sent", kind=message.kind.value)

    async def _put_off(self, message: Message, in_vain: Status) -> None:
        tries = message.tries + 1
        pause = pause_before(tries)
        if pause is None:
            await self._settle(message, in_vain, Reason.KEPT_FAILING)
        else:
            later = datetime.now(UTC) + pause
            await messages.put_off(self._reading, message.id, real_until=later, tries=tries)

    async def _settle(self, message: Message, status: Status, reason: Reason | None = None) -> None:
        now = self._delivery.clock.now()
        await _until_stored(lambda: messages.settle(self._reading, message.id, status, reason, now))

    async def _tidy(self) -> None:
        if monotonic() - self._tidied_at > TIDY_SECONDS:
            self._tidied_at = monotonic()
            await messages.drop_expired(self._reading, self._delivery.clock.now())

    async def _rest(self) -> None:
        if monotonic() - self._sent_at > KEEP_OPEN_SECONDS:
            await self._hang_up()
        alert = monotonic() < self._alert_until
        try:
            async with asyncio.timeout(ALERT_POLL_SECONDS if alert else self._settings.mail_poll_seconds):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()
        await asyncio.sleep(ALERT_POLL_SECONDS / 2)

    async def _hang_up(self) -> None:
        for connection in self._connections:
            await connection.close()


async def _until_stored(work: Callable[[], Awaitable[object]]) -> None:
    """What has happened to a mail is known here and nowhere else until it is stored."""
    pause = 0.1
    while True:
        try:
            await work()
        except Exception as error:
            if not is_outage(error):
                raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)
        else:
            return
