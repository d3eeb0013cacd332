"""Keep up with participants: their registrations, who came, and who is to be forgotten."""

from collections.abc import Sequence

from motesplats_events import Role
from services.evaluation.domain.registrations import News
from services.evaluation.store import people, sums
from shared.delivery import Transaction


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
    programme_id = await people.forget(tx, participant_id)
    if programme_id is not None:
        await sums.note_news(tx, sums.OFFER, [programme_id])
