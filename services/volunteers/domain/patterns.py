"""Standing patterns: a host who takes every second Tuesday, as long as the house is open.

A pattern counts the sessions of its programme, those that were cancelled too, so that a holiday does not turn the
turns of two hosts who share a house. What it gives are assignments that are accepted in advance; each can be given up
by itself afterwards, and the pattern does not bring it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from services.volunteers.domain.programmes import Session
from shared.errors import DomainError, NotFound

LONGEST_TURN = 12


class PatternNotFound(NotFound):
    """No standing pattern has this id."""


class PatternGivesNothing(DomainError):
    """No session of the programme fits the pattern."""

    code = "pattern-gives-nothing"


class Weekday(StrEnum):
    """A day of the week, in the order of `datetime.weekday`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @classmethod
    def of(cls, day: date) -> "Weekday":
        """The day of the week of a date."""
        return list(cls)[day.weekday()]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which sessions of a programme a host takes.

    Attributes:
        every: 1 for each session that fits, 2 for every second.
        weekday: only sessions on this day, where the platform is; None for any.
        first_on: the first day that counts.
        last_on: the last day; None until it is ended.
        decided_until: sessions up to then have been given out or passed over. One that is put in before that later on
            is nobody's: who has promised their Tuesdays keeps them.
        skip: how many fitting sessions after `decided_until` belong to others before the next own one.
        version: rises with every change.
    """

    pattern_id: str
    programme_id: str
    organiser: str
    municipality: str
    volunteer_id: str
    every: int
    weekday: Weekday | None
    first_on: date
    last_on: date | None = None
    decided_until: datetime | None = None
    skip: int = 0
    version: int = 1

    def assignment_id(self, session_id: str) -> str:
        """The id of the assignment that it makes for a session: the same however often it is asked."""
        return str(uuid5(UUID(self.pattern_id), session_id))

    def fits(self, session: Session, zone: ZoneInfo) -> bool:
        """Whether a session is one of those that are counted."""
        day = session.starts_at.astimezone(zone).date()
        return (
            day >= self.first_on
            and (self.last_on is None or day <= self.last_on)
            and (self.weekday is None or Weekday.of(day) is self.weekday)
        )


def continued(pattern: Pattern, sessions: Sequence[Session], zone: ZoneInfo) -> tuple[Pattern, Sequence[Session]]:
    """Go through sessions that are new to the pattern, the earliest first.

    Returns:
        The pattern after that, and the sessions that are the host's; cancelled ones are counted but not given out.
    """
    skip, until, own = pattern.skip, pattern.decided_until, []
    for session in sessions:
        if (until is not None and session.starts_at <= until) or not pattern.fits(session, zone):
            continue
        if skip:
            skip -= 1
        else:
            skip = pattern.every - 1
            own.append(session)
        until = session.starts_at
    if until == pattern.decided_until:
        return pattern, []
    given = [session for session in own if not session.cancelled]
    return replace(pattern, skip=skip, decided_until=until, version=pattern.version + 1), given


def ended(pattern: Pattern, last_on: date) -> Pattern:
    """The pattern without anything after that day."""
    if pattern.last_on is not None and pattern.last_on <= last_on:
        return pattern
    return replace(pattern, last_on=last_on, version=pattern.version + 1)
