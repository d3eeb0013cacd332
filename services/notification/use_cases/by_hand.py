"""What the staff see of the messages and do about them: calls, letters, failures. Only of their own organisers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notification.domain.values import Kind, Message, Programme, Status
from services.notification.store import facts, messages
from shared.access import Staff, may
from shared.delivery import Reading, Transaction
from shared.errors import Conflict, NotFound

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


async def calls(at: Reading, staff: Staff) -> tuple[dict[str, Programme], Sequence[Message]]:
    """The programmes that `staff` may see, and the calls to be made about them, the longest due first."""
    programmes = await facts.programmes_for(at, staff)
    return programmes, await messages.with_status(at, Status.CALL, programmes, limit=MOST_SHOWN)


async def overview(at: Reading, staff: Staff, programme_id: str = "") -> Overview:
    """What waits for somebody to act, within what `staff` may see, or of one programme of it."""
    choices = await facts.programmes_for(at, staff)
    within = _within(choices, programme_id)
    return Overview(
        choices,
        calls=await messages.with_status(at, Status.CALL, within, limit=MOST_SHOWN),
        called=await messages.with_status(at, Status.CALLED, within, limit=MOST_CALLED_SHOWN, newest_first=True),
        failed=await messages.with_status(at, Status.FAILED, within, limit=MOST_SHOWN),
    )


async def counts(
    at: Reading, staff: Staff, programme_id: str, now: datetime
) -> tuple[Counter[tuple[Kind, Status]], int]:
    """Messages by kind and where they stand, and how many should have left and have not.

    Args:
        programme_id: of this programme only; empty: of all that `staff` may see.
    """
    within = _within(await facts.programmes_for(at, staff), programme_id)
    return await messages.counts(at, within), await messages.count_due(at, within, now)


def _within(programmes: dict[str, Programme], programme_id: str) -> list[str]:
    return [id for id in programmes if programme_id in ("", id)]


async def letter_for(at: Reading, staff: Staff, message_id: str) -> Message:
    """A message that may be printed: one that cannot be mailed.

    Raises:
        MessageNotFound: there is none, or it goes by mail.
        Forbidden: it belongs to another organiser.
    """
    message = await message_for(at, staff, message_id)
    if message.status not in {Status.CALL, Status.CALLED, Status.FAILED}:
        raise MessageNotFound("There is no such message")
    return message


async def message_for(at: Reading, staff: Staff, message_id: str) -> Message:
    """One message, if it belongs to a programme that `staff` may see.

    Raises:
        MessageNotFound: there is none.
        Forbidden: it belongs to another organiser.
    """
    found = await messages.message(at, message_id)
    programme = await facts.programme(at, found.programme_id) if found else None
    if found is None or programme is None:
        raise MessageNotFound("There is no such message")
    may(staff, programme)
    return found


async def mark_called(tx: Transaction, staff: Staff, message_id: str) -> None:
    """Note that somebody has called or written, also instead of a mail that failed. Again is harmless.

    Raises:
        Conflict: the message does not wait for a call.
    """
    message = await message_for(tx, staff, message_id)
    if message.status is Status.CALLED:
        return
    if message.status not in {Status.CALL, Status.FAILED}:
        raise Conflict("This call is no longer on the list")
    await messages.settle(tx, message_id, Status.CALLED, None, tx.now)


async def undo_called(tx: Transaction, staff: Staff, message_id: str) -> None:
    """Put a call back on the list.

    Raises:
        Conflict: it was not marked as made.
    """
    message = await message_for(tx, staff, message_id)
    if message.status is not Status.CALL and not await messages.undo_called(tx, message_id):
        raise Conflict("This call is no longer on the list")


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
