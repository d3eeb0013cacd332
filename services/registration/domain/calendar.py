"""The calendar: which meeting of a programme is shown from when until when, and what one can do about it.

A programme is shown once, at the next date at which somebody can come: a course at its first meeting, a drop-in house
or a group at the next one. So each meeting has a time in which it is the next of its programme, from when the one
before closed until it closes itself. What is shown at any moment is then one question to the store, and a weekly
drop-in fills one line and not fifty.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from motesplats_events import Format, Role
from services.registration.domain.kinds import Admission, ProgrammeKind
from services.registration.domain.programmes import NEVER, Programme, Room, Session

EVER = datetime(1, 1, 1, tzinfo=UTC)
MORE_DATES = 3
MORNING, EVENING = 9, 21


class State(StrEnum):
    """What one can do about a meeting, in few words."""

    CANCELLED = "cancelled"
    OPEN_NOW = "open_now"
    """A drop-in that has begun and not ended."""
    OPEN_TO_ALL = "open_to_all"
    """Nobody registers."""
    APPLY = "apply"
    PLACES_LEFT = "places_left"
    FEW_LEFT = "few_left"
    FULL = "full"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A dated meeting, or a standing call without a date, with the public facts of its programme.

    Attributes:
        id: the session's; the programme's for a call without dates.
        place: the room of this meeting, else the programme's.
        municipality: where this meeting is.
        starts_at: never, for a call without dates.
        theme: empty for a call without dates.
        of: how many meetings of the programme take place.
        next_dates: when the programme meets after this one, the next few.
        next_from: from when on this is what is next of its programme.
        next_until: until when; None for what is no entry of the calendar, such as the second evening of a course.
        area: the programme's municipality, by which staff are scoped.
        version: of the programme.
    """

    id: str
    programme_id: str
    title: str
    organiser: str
    kind: ProgrammeKind
    about: str
    format: Format
    language: str
    place: str
    municipality: str
    starts_at: datetime
    ends_at: datetime
    theme: str
    of: int
    cancelled: bool
    next_dates: Sequence[datetime]
    next_from: datetime
    next_until: datetime | None
    area: str
    hosts_needed: int
    facilitators_needed: int
    lecturer_by: datetime | None
    version: int

    @property
    def dated(self) -> bool:
        """Whether it has a date."""
        return self.starts_at != NEVER


def meetings(programme: Programme) -> list[Meeting]:
    """All meetings of a programme, the earliest first; one without a date for a call that has none."""
    if programme.rules.admission is Admission.APPLICATION:
        call = Session(programme.programme_id, NEVER, 0, "")
        shown = None if programme.cancelled else NEVER
        return [_meeting(programme, call, EVER, shown), *_dated(programme, dict.fromkeys(programme.sessions))]
    return list(_dated(programme, dict(_next(programme))))


def _dated(programme: Programme, shown: Mapping[Session, tuple[datetime, datetime] | None]) -> Iterator[Meeting]:
    for session in programme.sessions:
        since, until = shown.get(session) or (EVER, None)
        yield _meeting(programme, session, since, until)


def _next(programme: Programme) -> Iterator[tuple[Session, tuple[datetime, datetime]]]:
    """From when until when each session is what is next; without those that never are."""
    walk_in = programme.rules.admission is Admission.WALK_IN
    whole = programme.rules.admission is Admission.WHOLE
    before = closed = EVER
    for session in programme.sessions:
        if session.cancelled or programme.cancelled:
            # Shown beside the next that takes place: somebody may be on the way.
            yield session, (min(before, session.starts_at), session.ends_at)
            before = session.ends_at
            if whole and programme.cancelled:
                return
            continue
        closes = session.ends_at if walk_in else session.starts_at
        yield session, (min(closed, session.starts_at), closes)
        if whole:
            return
        before = closed = closes


def _meeting(programme: Programme, session: Session, since: datetime, until: datetime | None) -> Meeting:
    taking_place = [] if programme.cancelled else programme.to_take_place
    later = [s.starts_at for s in taking_place if s.starts_at > session.starts_at]
    return Meeting(
        id=session.session_id,
        programme_id=programme.programme_id,
        title=programme.title,
        organiser=programme.organiser,
        kind=programme.kind,
        about=programme.about,
        format=programme.format,
        language=programme.language,
        place=session.room or programme.place,
        municipality=session.room_municipality or programme.municipality,
        starts_at=session.starts_at,
        ends_at=session.ends_at if session.starts_at != NEVER else NEVER,
        theme=session.theme,
        of=len(taking_place),
        cancelled=session.cancelled or programme.cancelled,
        next_dates=later[:MORE_DATES],
        next_from=since,
        next_until=until,
        area=programme.municipality,
        hosts_needed=programme.hosts_needed,
        facilitators_needed=programme.facilitators_needed,
        lecturer_by=session.lecturer_by if session.starts_at != NEVER else None,
        version=programme.version,
    )


def state(meeting: Meeting, programme: Programme, now: datetime) -> State:
    """What one can do about a meeting now; `programme` is the one it belongs to, with its places as they are."""
    if meeting.cancelled:
        return State.CANCELLED
    admission = programme.rules.admission
    if admission is Admission.WALK_IN:
        return State.OPEN_NOW if meeting.starts_at <= now else State.OPEN_TO_ALL
    if not programme.open_for_registration(now):
        return State.CLOSED
    if admission is Admission.APPLICATION:
        return State.APPLY
    rooms = {programme.room(role) for role in Role if programme.places_for(role)}
    if Room.PLACES_LEFT in rooms:
        return State.PLACES_LEFT
    return State.FEW_LEFT if Room.FEW_LEFT in rooms else State.FULL


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; an empty field is any.

    Attributes:
        place: the room or house.
        about: theme or diagnosis.
        format: a meeting on site and online is found by either.
    """

    municipality: str = ""
    place: str = ""
    about: str = ""
    kind: str = ""
    format: str = ""
    language: str = ""
    organiser: str = ""

    @property
    def chosen(self) -> Mapping[str, str]:
        """The fields that are not any."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name))}

    def fits(self, meeting: Meeting) -> bool:
        """Whether a meeting is looked for."""
        found = facts(meeting)
        return all(same(value) in found[name] for name, value in self.chosen.items())


FACTS = tuple(one.name for one in fields(Wanted))


def facts(meeting: Meeting) -> dict[str, Sequence[str]]:
    """By what a meeting is found, field by field, in the form that `same` gives."""
    formats = [Format.PHYSICAL, Format.DIGITAL] if meeting.format is Format.BOTH else [meeting.format]
    return {
        "municipality": [same(meeting.municipality)],
        "place": [same(meeting.place)],
        "about": [same(meeting.about)] if meeting.about else [],
        "kind": [meeting.kind.value],
        "format": [one.value for one in formats],
        "language": [same(meeting.language)],
        "organiser": [same(meeting.organiser)],
    }


def same(text: str) -> str:
    """What is the same for two spellings that differ in capital letters only."""
    return " ".join(text.casefold().split())


def until_morning(moment: datetime, zone: ZoneInfo) -> timedelta:
    """How much is left of the night, in which hardly anybody meets; nothing by day."""
    local = moment.astimezone(zone)
    if MORNING <= local.hour < EVENING:
        return timedelta()
    day = local.date() + timedelta(days=int(local.hour >= EVENING))
    return datetime(day.year, day.month, day.day, MORNING, tzinfo=zone).astimezone(UTC) - moment
