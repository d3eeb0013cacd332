"""Keep up with the links to surveys."""

from collections.abc import Sequence

from services.evaluation.store import surveys
from shared.delivery import Transaction


async def take_links(tx: Transaction, survey_id: str, hashes: Sequence[str]) -> None:
    """The links to a survey were made."""
    await surveys.add_links(tx, survey_id, hashes)
