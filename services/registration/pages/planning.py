"""Planning a programme: typed, with dates by a rule, or copied from an earlier season."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Literal

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import AwareDatetime, BaseModel, Field

from motesplats_events import Format, Role
from services.registration import store
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.programmes import (
    LONGEST_SESSION_MINUTES,
    MOST_HELPERS,
    MOST_PLACES,
    MOST_SESSIONS,
    Programme,
    Promotion,
)
from services.registration.domain.recurrence import Country, Repeat, dates_of, rule_of
from services.registration.domain.seasons import next_first
from services.registration.settings import Settings
from services.registration.use_cases import planning, seasons
from shared.access import ALL, Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError, Invalid
from shared.text import Line
from shared.web import Form, Pages, Says, msg, read_form, read_query

SignedIn = Annotated[Staff, Depends(staff)]
EMPTY_ROWS = 6
LONG_OVER = timedelta(days=183)
Places = Annotated[int, Field(ge=0, le=MOST_PLACES)]
Helpers = Annotated[int, Field(ge=0, le=MOST_HELPERS)]
Entries = Annotated[list[date], Field(max_length=planning.MOST_ENTRIES)]


class SessionRow(BaseModel):
    """One row of the plan."""

    at: Annotated[AwareDatetime, Says(missing=msg("Give a date and a time"))]
    theme: Annotated[Line, Says(missing=msg("Write what the session is about"))]
    minutes: Annotated[int, Field(ge=1, le=LONGEST_SESSION_MINUTES)] = 120
    lecturer_days: Annotated[int, Field(ge=0, le=730)] | None = None
    room: Line | None = None
    room_holds: Annotated[int, Field(ge=1, le=MOST_PLACES)] | None = None
    room_municipality: Line | None = None

    def planned(self) -> planning.PlannedDate:
        """The same as the use case takes it."""
        return planning.PlannedDate(
            at=self.at,
            minutes=self.minutes,
            theme=self.theme,
            lecturer_lead_days=self.lecturer_days,
            room=self.room,
            room_holds=self.room_holds,
            room_municipality=self.room_municipality,
        )

    @classmethod
    def of(cls, date: planning.PlannedDate) -> "SessionRow":
        """The row that would be sent for it."""
        return cls(
            at=date.at,
            minutes=date.minutes,
            theme=date.theme,
            lecturer_days=date.lecturer_lead_days,
            room=date.room,
            room_holds=date.room_holds,
            room_municipality=date.room_municipality,
        )


class ReleaseRow(BaseModel):
    """From a date on, places that one role has left belong to another."""

    at: Annotated[AwareDatetime, Says(missing=msg("Give a date and a time"))]
    from_role: Annotated[Role, Says(missing=msg("Choose whose places they are"))]
    to_role: Annotated[Role, Says(missing=msg("Choose who gets them"))]

    def planned(self) -> planning.PlannedRelease:
        """The same as the use case takes it."""
        return planning.PlannedRelease(at=self.at, from_role=self.from_role, to_role=self.to_role)

    @classmethod
    def of(cls, release: planning.PlannedRelease) -> "ReleaseRow":
        """The row that would be sent for it."""
        return cls(at=release.at, from_role=release.from_role, to_role=release.to_role)


Releases = Annotated[list[ReleaseRow], Field(max_length=6)]
FIELDS = {
    "place.name": "place",
    "place.municipality": "municipality",
    **{f"places.{role}": str(role) for role in Role},
}


def on_the_fields(error: DomainError) -> DomainError:
    """What a rule said about places, said about the fields of the form."""
    if error.status != DomainError.status:
        return error
    return Invalid([replace(found, field=FIELDS.get(found.field, found.field)) for found in error.problems])


class Planning(BaseModel):
    """The form for a new programme."""

    kind: ProgrammeKind = ProgrammeKind.COURSE
    title: Annotated[Line, Says(missing=msg("Write what the programme is called"))]
    organiser: Annotated[Line, Says(missing=msg("Write who organises it"))]
    about: Line | Literal[""] = ""
    place: Annotated[Line, Says(missing=msg("Write where it meets"))]
    municipality: Annotated[Line, Says(missing=msg("Write the municipality"))]
    format: Format = Format.PHYSICAL
    spoken: planning.Spoken = "sv"
    patient: Places = 0
    relative: Places = 0
    other: Places = 0
    minimum: int | None = None
    optimum: int | None = None
    entries: Entries = []
    promotion: Promotion = Promotion.AT_ONCE
    offer_days: Annotated[int, Field(ge=1, le=30)] = 3
    releases: Releases = []
    facilitators: Helpers | None = None
    hosts: Helpers = 0
    copy_of: str | None = None
    carry_over: bool = False
    sessions: list[SessionRow] = []

    def plan(self) -> planning.Plan:
        """The same as the use case takes it."""
        return planning.Plan(
            title=self.title,
            organiser=self.organiser,
            kind=self.kind,
            place=planning.PlannedPlace(name=self.place, municipality=self.municipality),
            places={Role.PATIENT: self.patient, Role.RELATIVE: self.relative, Role.OTHER: self.other},
            sessions=[row.planned() for row in self.sessions],
            about=self.about,
            format=self.format,
            language=self.spoken,
            minimum=self.minimum,
            optimum=self.optimum,
            entries=self.entries,
            promotion=self.promotion,
            offer_days=self.offer_days,
            releases=[row.planned() for row in self.releases],
            facilitators_needed=self.facilitators,
            hosts_needed=self.hosts,
            copy_of=self.copy_of,
            carry_over=self.carry_over,
        )

    @classmethod
    def of(cls, plan: planning.Plan) -> "Planning":
        """The form that would be sent for this plan."""
        return cls(
            kind=plan.kind,
            title=plan.title,
            organiser=plan.organiser,
            about=plan.about,
            place=plan.place.name,
            municipality=plan.place.municipality,
            format=plan.format,
            spoken=plan.language,
            patient=plan.places.get(Role.PATIENT, 0),
            relative=plan.places.get(Role.RELATIVE, 0),
            other=plan.places.get(Role.OTHER, 0),
            minimum=plan.minimum,
            optimum=plan.optimum,
            entries=plan.entries,
            promotion=plan.promotion,
            offer_days=plan.offer_days,
            facilitators=plan.facilitators_needed,
            hosts=plan.hosts_needed,
            copy_of=plan.copy_of,
            sessions=[SessionRow.of(date) for date in plan.sessions],
        )


class Dating(BaseModel):
    """The part of the form that fills in dates by a rule."""

    first: Annotated[AwareDatetime, Says(missing=msg("Give the first date and the time"))]
    repeat: Annotated[Repeat, Says(missing=msg("Say how often it meets"))]
    times: Annotated[int, Field(ge=1, le=MOST_SESSIONS), Says(missing=msg("Say how many times it meets"))]
    holidays: Country | None = None
    theme: Line | None = None


class Copying(BaseModel):
    """What is copied, and when the copy begins."""

    copy_of: Annotated[str, Field(alias="copy")] = ""
    first: date | None = None


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff/programmes/new."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    def fill_in(asked: Form[Dating], form: Form[Planning]) -> Mapping[date, str]:
        """Write the dates of a rule into the rows; themes that were typed stay. Returns the holidays left out."""
        form.errors = asked.errors
        if asked.value is None:
            return {}
        wanted = asked.value
        first = wanted.first.astimezone(zone)
        try:
            found = dates_of(rule_of(wanted.repeat, first.date(), wanted.times), first, zone, wanted.holidays)
        except DomainError as error:
            form.fail(error)
            return {}
        for index in form.rows("sessions", len(found.starts)):
            local = found.starts[index].astimezone(zone) if index < len(found.starts) else None
            form.values[f"sessions-{index}-at-date"] = [local.date().isoformat() if local else ""]
            form.values[f"sessions-{index}-at-time"] = [local.strftime("%H:%M") if local else ""]
            if local and wanted.theme and not form.text(f"sessions-{index}-theme"):
                form.values[f"sessions-{index}-theme"] = [wanted.theme]
        return found.left_out

    async def plan_page(
        request: Request, staff: Staff, form: Form[Planning], rows: int, left_out: Iterable[date] = ()
    ) -> Response:
        return pages.render(
            request,
            "staff/plan.html",
            form=form,
            rows=rows,
            left_out=list(left_out),
            kinds=list(ProgrammeKind),
            formats=list(Format),
            before=await seasons.queue_before(reading, form.text("copy_of"), staff),
        )

    def copy_of(programme: Programme, first: date) -> Form[Planning]:
        copied: Form[Planning] = Form.of(Planning.of(planning.plan_again(programme, first, zone, now())), zone)
        if programme.ends_at > now() - LONG_OVER and not programme.open_for_registration(now()):
            # Where they wait nobody gets a place any more.
            copied.values["carry_over"] = ["yes"]
        return copied

    @routes.get("/staff/programmes/new")
    async def new(request: Request, staff: SignedIn) -> Response:
        asked = read_query(request, Copying).value
        if asked and asked.copy_of:
            found = await store.programme(reading, asked.copy_of)
            may(staff, found)
            proposed = next_first(found, now(), zone)
            try:
                copied = copy_of(found, asked.first or proposed)
            except DomainError as error:
                copied = copy_of(found, proposed)
                copied.problem("sessions", error.problems[0].message)
            return await plan_page(request, staff, copied, len(copied.rows("sessions", EMPTY_ROWS)))
        organiser = "" if ALL in staff.organisers or not staff.organisers else staff.organisers[0]
        form: Form[Planning] = Form.of({"organiser": organiser, "kind": "course", "promotion": "at_once"})
        return await plan_page(request, staff, form, EMPTY_ROWS)

    @routes.post("/staff/programmes/new")
    async def plan(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, Planning)
        rows = len(form.rows("sessions", EMPTY_ROWS))
        if form.text("fill"):
            left_out = fill_in(await read_form(request, Dating), form)
            return await plan_page(request, staff, form, len(form.rows("sessions", EMPTY_ROWS)), left_out)
        if form.text("more"):
            form.errors.clear()
            return await plan_page(request, staff, form, rows + EMPTY_ROWS)
        if form.value is not None:
            typed = form.value
            programme_id = str(uuid_utils.uuid7())
            try:
                await delivery.transact(lambda tx: planning.plan_programme(tx, typed.plan(), staff, programme_id, zone))
                return RedirectResponse(f"/staff/programmes/{programme_id}", status_code=303)
            except DomainError as error:
                form.fail(on_the_fields(error))
        return await plan_page(request, staff, form, rows)

    return routes
