"""Keep up with participants: their registrations, who came, and who is to be forgotten."""

import asyncio
from collections.abc import Sequence
from functools import partial

from motesplats_events import Role
from services.evaluation.domain.registrations import News
from services.evaluation.store import people, sums
from shared.delivery import Delivery, Transaction


async def follow_registration(tx: Transaction, participant_id: str, programme_id: str, role: Role, news: News) -> None:
    """A registration was made, or a place offered, given or given up.

    Each of these is a topic of its own, so that they come in any order; each adds what it alone tells. What comes
    late of somebody who was forgotten is not kept.
    """
    if await people.note_news(tx, participant_id, programme_id, role, news):
        await sums.note_news(tx, sums.OFFER, [programme_id])


async def follow_attendance(
    tx: Transaction, session_id: str, programme_id: str, attended: Sequence[str], sequence: int
) -> None:
    """It became known, or was corrected, who came."""
    if await people.note_attendance(tx, session_id, programme_id, attended, sequence):
        await sums.note_news(tx, sums.OFFER, [programme_id])


async def forget(tx: Transaction, participant_id: str) -> None:
    """Somebody asked to be forgotten: the id goes, and what it counted for goes on under one that leads to nobody."""
    await sums.note_news(tx, sums.OFFER, await people.forget(tx, participant_id))


async def forget_what_came_meanwhile(delivery: Delivery, pause: float) -> None:
    """Look again for what was told beside somebody's being forgotten, for as long as the service runs.

    Args:
        pause: real seconds between two looks.
    """
    while True:
        await look_again(delivery)
        await asyncio.sleep(pause)


async def look_again(delivery: Delivery) -> None:
    """Forget once more, several times in five minutes, who was forgotten.

    Two events that are applied at the same time do not see each other: what was told of somebody at the moment at
    which they were forgotten would stay.
    """
    for participant_id in await people.to_forget_again(delivery.reading):
        await delivery.transact(partial(_look_again, participant_id=participant_id))


async def _look_again(tx: Transaction, participant_id: str) -> None:
    await sums.note_news(tx, sums.OFFER, await people.forget_again(tx, participant_id))
