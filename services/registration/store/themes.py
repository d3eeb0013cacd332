"""Themes that groups pass on."""

from collections.abc import Sequence

from services.registration.domain.themes import Theme, ThemeNotFound
from shared.delivery import Reading, Transaction
from shared.mongo import Document


def _theme(row: Document) -> Theme:
    return Theme(
        theme_id=row["_id"],
        programme_id=row["programme_id"],
        session_id=row["session_id"],
        text=row["text"],
        noted_at=row["noted_at"],
        taken_up_at=row["taken_up_at"],
        dropped=row["dropped"],
    )


async def save_theme(tx: Transaction, theme: Theme) -> None:
    """Store a theme, new or changed."""
    row = {
        "programme_id": theme.programme_id,
        "session_id": theme.session_id,
        "text": theme.text,
        "noted_at": theme.noted_at,
        "taken_up_at": theme.taken_up_at,
        "dropped": theme.dropped,
    }
    await tx.db.themes.replace_one({"_id": theme.theme_id}, row, upsert=True, session=tx.session)


async def theme(at: Reading, programme_id: str, theme_id: str) -> Theme:
    """A theme of this programme. Raises: ThemeNotFound."""
    row = await at.db.themes.find_one({"_id": theme_id, "programme_id": programme_id}, session=at.session)
    if row is None:
        raise ThemeNotFound("There is no such theme")
    return _theme(row)


async def theme_is_known(at: Reading, theme_id: str) -> bool:
    """Whether a theme with this id was noted before."""
    return await at.db.themes.find_one({"_id": theme_id}, {"_id": 1}, session=at.session) is not None


async def themes(at: Reading, programme_id: str) -> Sequence[Theme]:
    """All themes of a programme, the oldest first."""
    rows = await at.db.themes.find({"programme_id": programme_id}, session=at.session).to_list(None)
    return sorted(map(_theme, rows), key=lambda theme: theme.noted_at)
