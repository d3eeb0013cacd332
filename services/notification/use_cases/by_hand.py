"""What the staff see of the messages and do about them: calls, letters, failures. Only what is theirs to see."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notification.domain.messages import BY_HAND, Kind, Message, Status
from services.notification.domain.programmes import Programme
from services.notification.domain.sending import by_hand
from services.notification.store import messages
from services.notification.store.facts import people, programmes
from services.notification.store.messages import Seen
from shared.access import ALL, Staff, may
from shared.delivery import Reading, Transaction
from shared.errors import Conflict, Forbidden, NotFound

MOST_SHOWN = 200
MOST_CALLED_SHOWN = 10


class MessageNotFound(NotFound):
    """No message has this id."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What waits for somebody to act.

    Attributes:
        choices: the programmes that the member of staff may see, by id.
    """

    choices: dict[str, Programme]
    calls: Sequence[Message]
    called: Sequence[Message]
    failed: Sequence[Message]


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A letter that was printed and is no longer true; without a name where the person has been forgotten since."""

    name: str = ""
    kind: Kind | None = None


async def calls(at: Reading, staff: Staff) -> Sequence[Message]:
    """Whom somebody has to ring or tell, the longest due first."""
    return await messages.with_status(at, Status.CALL, await _seen(at, staff), limit=MOST_SHOWN)


async def letters(at: Reading, staff: Staff) -> Sequence[Message]:
    """What has to be printed and posted, the longest due first."""
    return await messages.with_status(at, Status.LETTER, await _seen(at, staff), limit=MOST_SHOWN)


async def overview(at: Reading, staff: Staff, programme_id: str = "") -> Overview:
    """What waits for somebody to act, within what `staff` may see, or of one programme of it."""
    choices = await programmes.programmes_for(at, staff)
    seen = _within(choices, staff, programme_id)
    return Overview(
        choices,
        calls=await messages.with_status(at, Status.CALL, seen, limit=MOST_SHOWN),
        called=await messages.with_status(at, Status.CALLED, seen, limit=MOST_CALLED_SHOWN, newest_first=True),
        failed=await messages.with_status(at, Status.FAILED, seen, limit=MOST_SHOWN),
    )


async def counts(
    at: Reading, staff: Staff, programme_id: str, now: datetime
) -> tuple[Counter[tuple[Kind, Status]], int]:
    """Messages by kind and where they stand, and how many should have left and have not.

    Args:
        programme_id: of this programme only; empty: of all that `staff` may see.
    """
    seen = await _seen(at, staff, programme_id)
    return await messages.counts(at, seen), await messages.count_due(at, seen, now)


async def _seen(at: Reading, staff: Staff, programme_id: str = "") -> Seen:
    return _within(await programmes.programmes_for(at, staff), staff, programme_id)


def _within(choices: dict[str, Programme], staff: Staff, programme_id: str) -> Seen:
    if programme_id:
        return Seen([id for id in choices if id == programme_id])
    return Seen(list(choices), elsewhere=staff)


async def letter_for(at: Reading, staff: Staff, message_id: str) -> Message:
    """A message that may be printed: one that cannot be mailed.

    Raises:
        MessageNotFound: there is none, or it goes by mail.
        Forbidden: it belongs to another organiser.
    """
    message = await message_for(at, staff, message_id)
    if message.status not in BY_HAND | {Status.CALLED, Status.FAILED}:
        raise MessageNotFound("There is no such message")
    return message


async def message_for(at: Reading, staff: Staff, message_id: str) -> Message:
    """One message, if it is about something that `staff` may see.

    Raises:
        MessageNotFound: there is none.
        Forbidden: it belongs to another organiser.
    """
    found = await messages.message(at, message_id)
    if found is None:
        raise MessageNotFound("There is no such message")
    if found.programme_id:
        programme = await programmes.programme(at, found.programme_id)
        if programme is None:
            raise MessageNotFound("There is no such message")
        may(staff, programme)
    elif not _concerns(staff, found):
        raise Forbidden("This belongs to another organiser")
    return found


def _concerns(staff: Staff, message: Message) -> bool:
    """Whether a message about no programme is theirs: what names no organiser or no municipality concerns them all."""
    return (not message.organiser or ALL in staff.organisers or message.organiser in staff.organisers) and (
        not message.municipality or ALL in staff.areas or message.municipality in staff.areas
    )


async def mark_called(tx: Transaction, staff: Staff, message_id: str) -> None:
    """Note that somebody has called or written, also instead of a mail that failed. Again is harmless.

    Raises:
        Conflict: the message does not wait for a call.
    """
    message = await message_for(tx, staff, message_id)
    if message.status is Status.CALLED:
        return
    if message.status not in BY_HAND | {Status.FAILED}:
        raise Conflict("This call is no longer on the list")
    await messages.settle(tx, message_id, Status.CALLED, None, tx.now)


async def mark_posted(tx: Transaction, staff: Staff, message_ids: Sequence[str]) -> Sequence[Overtaken]:
    """Note that printed letters were posted.

    Returns:
        Those that must not be posted.

    Raises:
        Forbidden: one belongs to another organiser.
    """
    overtaken = []
    for message_id in message_ids:
        try:
            message = await message_for(tx, staff, message_id)
        except MessageNotFound:
            overtaken.append(Overtaken())
            continue
        if message.status is Status.LETTER:
            await messages.settle(tx, message_id, Status.CALLED, None, tx.now)
        elif message.status is not Status.CALLED:
            contact = (await people.contacts(tx, [message.recipient])).get(message.recipient)
            overtaken.append(Overtaken(contact.name if contact else "", message.kind))
    return overtaken


async def undo_called(tx: Transaction, staff: Staff, message_id: str) -> Status:
    """Put a call or letter back on its list; which one that is.

    Raises:
        Conflict: it was not marked as made.
    """
    message = await message_for(tx, staff, message_id)
    if message.status in BY_HAND:
        return message.status
    contact = (await people.contacts(tx, [message.recipient])).get(message.recipient)
    if not await messages.undo_called(tx, message_id, by_hand(contact)):
        raise Conflict("This call is no longer on the list")
    return by_hand(contact)


async def try_again(tx: Transaction, staff: Staff, message_id: str) -> None:
    """Send a message that failed once more.

    Raises:
        Conflict: it has not failed.
    """
    message = await message_for(tx, staff, message_id)
    if message.status is Status.QUEUED:
        return
    if message.status is not Status.FAILED:
        raise Conflict("This message has not failed")
    await messages.requeue(tx, [message_id])
