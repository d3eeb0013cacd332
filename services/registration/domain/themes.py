"""Themes that a group passes on to its next session."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.errors import Conflict, NotFound

MOST_OPEN = 50


class ThemeNotFound(NotFound):
    """No theme has this id."""


class TooManyThemes(Conflict):
    """Nobody can take up so many."""

    code = "too-many-themes"


@dataclass(frozen=True, slots=True)
class Theme:
    """Something to come back to.

    Attributes:
        theme_id: made where it is written down, so that a form that is sent twice notes it once.
        session_id: where it was noted.
        taken_up_at: the session where it was taken up; None while it is open.
        dropped: taken away again.
    """

    theme_id: str
    programme_id: str
    session_id: str
    text: str
    noted_at: datetime
    taken_up_at: str | None = None
    dropped: bool = False

    @property
    def open(self) -> bool:
        """Whether it still waits."""
        return self.taken_up_at is None and not self.dropped


def open_ones(themes: Iterable[Theme]) -> Sequence[Theme]:
    """Themes that wait to be taken up, the oldest first."""
    return sorted((theme for theme in themes if theme.open), key=lambda theme: theme.noted_at)


def check_room_for_more(themes: Iterable[Theme]) -> None:
    """Let pass only where not too many wait.

    Raises:
        TooManyThemes.
    """
    if len(open_ones(themes)) >= MOST_OPEN:
        raise TooManyThemes("So many themes wait already that no more can be noted. Tick those that are done")


def taken_up(theme: Theme, session_id: str | None) -> Theme:
    """The theme after it was taken up at a session, or with None after that was taken back."""
    return replace(theme, taken_up_at=session_id)
