"""Keep up with participants: their registrations, who came, and who is to be forgotten."""

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


async def forget_what_came_meanwhile(delivery: Delivery) -> None:
    """Forget once more, several times in two minutes, who was forgotten.

    Two events that are applied at the same time do not see each other: what was told of somebody at the moment at
    which they were forgotten would stay.
    """
    for participant_id in await people.being_forgotten(delivery.reading):
        await delivery.transact(partial(_forget_once_more, participant_id=participant_id))


async def _forget_once_more(tx: Transaction, participant_id: str) -> None:
    await forget(tx, participant_id)
    await people.forgotten_once_more(tx, participant_id)
