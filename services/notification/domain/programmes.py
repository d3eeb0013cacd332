"""Programmes and their sessions, as the registration service last told them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from motesplats_events import Format


@dataclass(frozen=True, slots=True)
class Session:
    """One dated meeting.

    Attributes:
        room: where it is, if not at the programme's place.
        added_at: when it was added to a programme that was known before; None of those that were there from the start.
    """

    session_id: str
    starts_at: datetime
    minutes: int
    theme: str
    cancelled: bool = False
    room: str | None = None
    added_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as the registration service last told it; `sequence` rises with every change."""

    programme_id: str
    sequence: int
    title: str
    organiser: str
    place: str
    municipality: str
    sessions: tuple[Session, ...]
    format: Format = Format.PHYSICAL
    cancelled: bool = False

    def session(self, session_id: str) -> Session | None:
        """The session with this id, if the programme still has it."""
        return next((session for session in self.sessions if session.session_id == session_id), None)

    @property
    def ends_at(self) -> datetime | None:
        """When its last session is over; None without sessions, such as of a standing call."""
        return max((session.ends_at for session in self.sessions), default=None)

    @property
    def meets_online(self) -> bool:
        """Whether one can take part from elsewhere."""
        return self.format is not Format.PHYSICAL


@dataclass(frozen=True, slots=True)
class SessionChange:
    """A session was moved or cancelled.

    Attributes:
        sequence: rises with every change of the session.
        starts_at: when it begins from now on; None when it is cancelled.
        at: when it was changed.
    """

    session_id: str
    programme_id: str
    sequence: int
    was_at: datetime
    starts_at: datetime | None
    at: datetime


def in_one_go(changes: Iterable[SessionChange]) -> Mapping[str, Sequence[SessionChange]]:
    """Changes by when they were made, such as of a session and all that follow it, under a name.

    They arrive one after the other. The name holds their number: should some come when the others have been told
    already, all are told once more.
    """
    found: dict[datetime, list[SessionChange]] = defaultdict(list)
    for change in changes:
        found[change.at].append(change)
    return {f"{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.{len(these)}": these for at, these in found.items()}


def newest(changes: Iterable[SessionChange]) -> dict[str, SessionChange]:
    """The last change of each session that was changed."""
    return {change.session_id: change for change in sorted(changes, key=lambda one: one.sequence)}


@dataclass(frozen=True, slots=True)
class MeetingLink:
    """Where a digital meeting is held.

    Attributes:
        sequence: of the change that brought this address.
        url: None when there is none any more.
        at: when it was changed.
    """

    programme_id: str
    sequence: int
    url: str | None
    at: datetime
