"""Looking into the calendar: what is next, what somebody looks for, and what comes later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.registration import store
from services.registration.domain.calendar import Meeting, State, Wanted, state, until_morning
from services.registration.domain.kinds import ProgrammeKind
from shared.delivery import Reading

A_PAGE = 30
FEW_CALLS = 5
MOST_CALLS = 200
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)
FEED_BACK = timedelta(days=31)
FEED_AHEAD = timedelta(days=400)
FEED_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting as it stands now."""

    meeting: Meeting
    state: State


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the calendar.

    Attributes:
        days: what is next of each programme, by the day on which it meets.
        calls: standing calls without a date, on the first page only.
        more_calls: whether there are more than are shown.
        start: where the page was asked to begin; None for now.
        later: where the next page begins, as `read_start` takes it; empty on the last.
        earlier: where an earlier page begins; empty for now.
    """

    days: Sequence[tuple[date, Sequence[Entry]]]
    calls: Sequence[Entry]
    more_calls: bool
    start: date | None
    later: str
    earlier: str

    @property
    def empty(self) -> bool:
        """Whether it shows nothing."""
        return not self.days and not self.calls


def read_start(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Where a page is to begin: a day, or a moment between two entries; None for now, and for what is no time."""
    try:
        if len(text) == len("2026-02-03"):
            day = date.fromisoformat(text)
            start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        else:
            start = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return start if now < start < now + timedelta(days=5 * 366) else None


def place_said(place: datetime) -> str:
    """A place in an order of entries as an address holds it."""
    return f"{place.astimezone(UTC).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def read_place(text: str) -> datetime | None:
    """A place in an order of entries; None for the beginning, and for what is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


async def look(at: Reading, wanted: Wanted, start: datetime | None, now: datetime, zone: ZoneInfo) -> Page:
    """One page of the calendar.

    Args:
        start: see `read_start`.
    """
    # An entry's place in the order is up to a minute after it closes.
    since = max(now, start - MINUTE) if start else now
    begin = start or now
    found = await store.entries(at, wanted, begin, since, A_PAGE + 1, quiet=until_morning(begin, zone))
    shown = [meeting for _, meeting in found[:A_PAGE]]
    calls, more_calls = await _calls(at, wanted, first_page=start is None)
    programmes = await store.programmes(at, [one.programme_id for one in [*shown, *calls]])

    def entry(meeting: Meeting) -> Entry:
        return Entry(meeting, state(meeting, programmes[meeting.programme_id], now))

    today = since.astimezone(zone).date()
    days: dict[date, list[Entry]] = {}
    for meeting in sorted(shown, key=lambda one: (one.starts_at, one.title)):
        days.setdefault(max(today, meeting.starts_at.astimezone(zone).date()), []).append(entry(meeting))
    later = ""
    if len(found) > A_PAGE:
        place, meeting = found[A_PAGE]
        day = meeting.starts_at.astimezone(zone).date()
        later = place_said(place) if day in days else day.isoformat()
    before = begin - WEEK
    earlier = before.astimezone(zone).date().isoformat() if start and before > now else ""
    return Page(
        days=list(days.items()),
        calls=[entry(call) for call in calls],
        more_calls=more_calls,
        start=start.astimezone(zone).date() if start else None,
        later=later,
        earlier=earlier,
    )


async def _calls(at: Reading, wanted: Wanted, *, first_page: bool) -> tuple[Sequence[Meeting], bool]:
    if not first_page or wanted.kind not in ("", ProgrammeKind.STANDING_CALL):
        return [], False
    most = MOST_CALLS if wanted.kind else FEW_CALLS
    found = await store.calls(at, wanted)
    return found[:most], len(found) > most
