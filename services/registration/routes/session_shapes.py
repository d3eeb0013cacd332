"""What the JSON API takes and gives about single sessions."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from motesplats_events import Role
from services.registration.domain.attendance import Attendance, Mark
from services.registration.domain.headcount import MOST_AT_ONCE, Entry
from services.registration.domain.programmes import MOST_HELPERS, MOST_PLACES
from services.registration.domain.themes import Theme
from services.registration.use_cases.sessions import Room, SessionPlan
from shared.text import Line

Id = Annotated[str, Field(min_length=1, max_length=64)]
Hour = Annotated[int, Field(ge=0, le=23)]
Visitors = Annotated[int, Field(ge=0, le=MOST_PLACES)]


class AttendanceIn(BaseModel):
    """Who came, who came for a part, who did not, and of whom a mark is taken away.

    Whoever is named in none of them keeps what was marked before.
    """

    attended: list[str]
    partly: list[str] = []
    absent: list[str] = []
    unknown: list[str] = []

    def marks(self) -> dict[str, Mark | None]:
        """The same by participant id."""
        named = ((self.unknown, None), (self.absent, Mark.ABSENT), (self.partly, Mark.PARTLY))
        marks: dict[str, Mark | None] = {id: mark for ids, mark in named for id in ids}
        return marks | dict.fromkeys(self.attended, Mark.ATTENDED)


class AttendanceOut(BaseModel):
    """What is now marked for a session."""

    session_id: str
    attended: list[str]
    partly: list[str]
    absent: list[str]
    held_at: AwareDatetime | None

    @classmethod
    def of(cls, attendance: Attendance) -> "AttendanceOut":
        """As it now stands."""
        by_mark = {mark: sorted(id for id, m in attendance.marks.items() if m is mark) for mark in Mark}
        return cls(
            session_id=attendance.session_id,
            attended=by_mark[Mark.ATTENDED],
            partly=by_mark[Mark.PARTLY],
            absent=by_mark[Mark.ABSENT],
            held_at=attendance.held_at,
        )


class EntryIn(BaseModel):
    """Visitors who came at the same time.

    Attributes:
        entry_id: made by who counts; the same id counts once.
        hour: of the day where the platform is; None for now.
    """

    entry_id: Id
    role: Role
    hour: Hour | None = None
    number: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 1
    first_visits: Visitors = 0
    age_bands: dict[str, Visitors] = Field(default_factory=dict)

    def entry(self, now_hour: int) -> Entry:
        """The same as the rules take it."""
        hour = now_hour if self.hour is None else self.hour
        return Entry(self.entry_id, hour, self.role, self.number, self.first_visits, self.age_bands)


class VisitorsIn(BaseModel):
    """How many of one role came in one hour."""

    hour: Hour
    role: Role
    number: Visitors


class HeadcountIn(BaseModel):
    """A whole headcount, instead of what was counted."""

    visitors: Annotated[list[VisitorsIn], Field(max_length=24 * len(Role))]
    first_visits: Visitors = 0
    age_bands: dict[str, Visitors] = Field(default_factory=dict)


class HeadcountOut(BaseModel):
    """What the entries come to."""

    session_id: str
    visitors: int
    by_role: dict[Role, int]
    by_hour: dict[int, int]
    first_visits: int
    age_bands: dict[str, int]
    held_at: AwareDatetime | None

    @classmethod
    def of(cls, attendance: Attendance) -> "HeadcountOut":
        """As it now stands."""
        found = attendance.headcount
        return cls(
            session_id=attendance.session_id,
            visitors=found.visitors,
            by_role=dict(found.by_role),
            by_hour=dict(found.by_hour),
            first_visits=found.first_visits,
            age_bands=dict(found.age_bands),
            held_at=attendance.held_at,
        )


class MoveIn(BaseModel):
    """Another time.

    Attributes:
        following: also all sessions after it, by as many days and hours on the clock.
    """

    at: AwareDatetime
    following: bool = False


class CancelIn(BaseModel):
    """A session that will not take place.

    Attributes:
        rest: nor any after it.
    """

    rest: bool = False


class RoomIn(Room):
    """Where a session meets.

    Attributes:
        following: also all sessions after it.
    """

    following: bool = False


class SessionPlanIn(SessionPlan):
    """What a session is about and how long it lasts.

    Attributes:
        following: length and lecturer also of all sessions after it.
    """

    following: bool = False


class Ended(BaseModel):
    """How many registrations ended with the programme."""

    registrations: int


class MeetingLinkIO(BaseModel):
    """Where a programme meets digitally; None nowhere."""

    url: Annotated[str, Field(max_length=500)] | None


class HelpersIn(BaseModel):
    """How many facilitators a session needs to open, and how many hosts it wants."""

    facilitators_needed: Annotated[int, Field(ge=0, le=MOST_HELPERS)]
    hosts_needed: Annotated[int, Field(ge=0, le=MOST_HELPERS)]


class StaffedSession(BaseModel):
    """Who has said yes to a session, in numbers.

    Attributes:
        facilitators_missing: how many have still to say yes before it can open.
        lecturer_late: a lecturer should have said yes by now.
        lecturer_lead_days: how many days before one must; None where none is wanted.
    """

    session_id: str
    facilitators: int
    facilitators_missing: int
    hosts: int
    lecturers: int
    lecturer_late: bool
    lecturer_lead_days: int | None


class StaffingOut(BaseModel):
    """Who leads a programme, in numbers.

    Attributes:
        facilitators: how many have said yes to the whole programme.
    """

    facilitators: int
    facilitators_needed: int
    hosts_needed: int
    waiting_offers: int
    sessions: list[StaffedSession]


class ThemeIn(BaseModel):
    """A theme to pass on; the same id is noted once."""

    theme_id: Id
    text: Line


class TakenUpIn(BaseModel):
    """Whether a theme was taken up at the session."""

    done: bool = True


class ThemeOut(BaseModel):
    """A theme that was passed on.

    Attributes:
        noted_at: the session's id.
        taken_up_at: the session's id; None while it is open.
    """

    theme_id: str
    text: str
    noted_at: str
    taken_up_at: str | None

    @classmethod
    def of(cls, theme: Theme) -> "ThemeOut":
        """As it now stands."""
        return cls(theme_id=theme.theme_id, text=theme.text, noted_at=theme.session_id, taken_up_at=theme.taken_up_at)
