"""The calendar for other programs, such as a region's web site; the same for everybody, and so for any origin."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from motesplats_events import Format
from services.registration.domain.calendar import State, Wanted
from services.registration.domain.kinds import ProgrammeKind
from services.registration.settings import Settings
from services.registration.use_cases import calendar
from shared.delivery import Delivery

KEPT_SECONDS = 60
Text = Annotated[str, Field(max_length=120)]


class WantedIn(BaseModel):
    """What is looked for; what is not given is any.

    Attributes:
        place: the room or house.
        about: theme or diagnosis.
        format: a meeting on site and online is found by either.
        language: spoken there, an ISO 639 code.
        start: a day, or `later` of the page before.
    """

    municipality: Text = ""
    place: Text = ""
    about: Text = ""
    kind: ProgrammeKind | Literal[""] = ""
    format: Literal["physical", "digital", ""] = ""
    language: Annotated[str, Field(pattern="^([a-z]{2,3})?$")] = ""
    organiser: Text = ""
    start: Annotated[str, Field(alias="from", max_length=40)] = ""


class EntryOut(BaseModel):
    """The next meeting of a programme.

    Attributes:
        at: None for a call without a date.
        meetings: how many of the programme take place.
        next: when it meets after this one, the next few.
        url: its page.
    """

    programme_id: str
    title: str
    kind: ProgrammeKind
    about: str
    organiser: str
    format: Format
    language: str
    place: str
    municipality: str
    at: AwareDatetime | None
    minutes: int
    meetings: int
    next: list[AwareDatetime]
    state: State
    url: str


class CalendarOut(BaseModel):
    """One page of the calendar.

    Attributes:
        entries: what is next of each programme, by date.
        calls: standing calls without a date, on the first page only.
        later: what to ask for as `from` for the next page; None on the last.
    """

    entries: list[EntryOut]
    calls: list[EntryOut]
    later: str | None


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The route of the calendar."""
    api = APIRouter()

    def told(entry: calendar.Entry) -> EntryOut:
        one = entry.meeting
        return EntryOut(
            programme_id=one.programme_id,
            title=one.title,
            kind=one.kind,
            about=one.about,
            organiser=one.organiser,
            format=one.format,
            language=one.language,
            place=one.place,
            municipality=one.municipality,
            at=one.starts_at if one.dated else None,
            minutes=int((one.ends_at - one.starts_at).total_seconds() // 60),
            meetings=one.of,
            next=list(one.next_dates),
            state=entry.state,
            url=f"{settings.public_url}/programmes/{one.programme_id}",
        )

    @api.get("/calendar")
    async def look(wanted: Annotated[WantedIn, Query()], response: Response) -> CalendarOut:
        """What is next, by date; a programme is listed once. Any site may read it."""
        now = delivery.clock.now()
        asked = Wanted(**wanted.model_dump(exclude={"start"}))
        start = calendar.read_start(wanted.start, now, settings.zone)
        page = await calendar.look(delivery.reading, asked, start, now, settings.zone)
        # Without credentials: what is answered is the same for everybody.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = f"max-age={KEPT_SECONDS}"
        return CalendarOut(
            entries=[told(entry) for _, entries in page.days for entry in entries],
            calls=[told(call) for call in page.calls],
            later=page.later or None,
        )

    return api
