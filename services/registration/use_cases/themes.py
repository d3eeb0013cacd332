"""Themes that a group passes on: noted at a session, ticked when they are taken up."""

from dataclasses import replace

from services.registration import store
from services.registration.domain.themes import Theme, check_room_for_more, taken_up
from services.registration.use_cases.leading import Actor, may_lead
from shared.delivery import Transaction
from shared.errors import Conflict


async def note_theme(tx: Transaction, session_id: str, theme_id: str, text: str, who: Actor) -> None:
    """Pass a theme on to the next session. The same again changes nothing.

    Args:
        theme_id: made where it was written down.

    Raises:
        SessionNotFound, Forbidden, TooManyThemes.
    """
    programme = await store.programme_of_session(tx, session_id)
    may_lead(who, programme, session_id)
    if await store.theme_is_known(tx, theme_id):
        return
    check_room_for_more(await store.themes(tx, programme.programme_id))
    await store.save_theme(tx, Theme(theme_id, programme.programme_id, session_id, text, tx.now))


async def take_up_theme(tx: Transaction, session_id: str, theme_id: str, who: Actor, *, done: bool = True) -> None:
    """Tick a theme as taken up at a session, or with `done=False` take that back.

    Raises:
        SessionNotFound, ThemeNotFound, Forbidden.
    """
    programme = await store.programme_of_session(tx, session_id)
    may_lead(who, programme, session_id)
    theme = await store.theme(tx, programme.programme_id, theme_id)
    await store.save_theme(tx, taken_up(theme, session_id if done else None))


async def drop_theme(tx: Transaction, session_id: str, theme_id: str, who: Actor) -> None:
    """Take a theme away that was noted by mistake.

    Raises:
        SessionNotFound, ThemeNotFound, Forbidden.
        Conflict: it has been taken up.
    """
    programme = await store.programme_of_session(tx, session_id)
    may_lead(who, programme, session_id)
    theme = await store.theme(tx, programme.programme_id, theme_id)
    if theme.taken_up_at:
        raise Conflict("This theme has been taken up already")
    await store.save_theme(tx, replace(theme, dropped=True))
