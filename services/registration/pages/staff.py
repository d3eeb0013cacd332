"""The coordinator's pages: today, programmes, who is coming, attendance."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Annotated

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import AwareDatetime, BaseModel, Field

from motesplats_events import RegistrationStatus, Role
from services.registration import store
from services.registration.domain.attendance import Mark
from services.registration.domain.programmes import LONGEST_SESSION_MINUTES, MOST_PLACES, MOST_SESSIONS
from services.registration.domain.recurrence import Country, Repeat, dates_of, rule_of
from services.registration.domain.registrations import counted, positions
from services.registration.settings import Settings
from services.registration.use_cases import attendance, planning, registering
from shared.access import ALL, Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.text import Line
from shared.web import Form, Pages, Says, msg, read_form

SignedIn = Annotated[Staff, Depends(staff)]
EMPTY_ROWS = 6


class SessionRow(BaseModel):
    """One row of the plan."""

    at: Annotated[AwareDatetime, Says(missing=msg("Give a date and a time"))]
    theme: Annotated[Line, Says(missing=msg("Write what the session is about"))]
    minutes: Annotated[int, Field(ge=1, le=LONGEST_SESSION_MINUTES)] = 120


class Planning(BaseModel):
    """The form for a new programme."""

    title: Annotated[Line, Says(missing=msg("Write what the programme is called"))]
    organiser: Annotated[Line, Says(missing=msg("Write who organises it"))]
    place: Annotated[Line, Says(missing=msg("Write where it meets"))]
    municipality: Annotated[Line, Says(missing=msg("Write the municipality"))]
    patient: Annotated[int, Field(ge=0, le=MOST_PLACES)] = 0
    relative: Annotated[int, Field(ge=0, le=MOST_PLACES)] = 0
    sessions: list[SessionRow] = []

    def plan(self) -> planning.Plan:
        """The same as the use case takes it."""
        return planning.Plan(
            title=self.title,
            organiser=self.organiser,
            place=planning.PlannedPlace(name=self.place, municipality=self.municipality),
            places={Role.PATIENT: self.patient, Role.RELATIVE: self.relative},
            sessions=[planning.PlannedDate(at=row.at, minutes=row.minutes, theme=row.theme) for row in self.sessions],
        )


class Dating(BaseModel):
    """The part of the form that fills in dates by a rule."""

    first: Annotated[AwareDatetime, Says(missing=msg("Give the first date and the time"))]
    repeat: Annotated[Repeat, Says(missing=msg("Say how often it meets"))]
    times: Annotated[int, Field(ge=1, le=MOST_SESSIONS), Says(missing=msg("Say how many times it meets"))]
    holidays: Country | None = None
    theme: Line | None = None


class Attending(BaseModel):
    """The attendance form: a box for everybody who has a place."""

    attended: list[str] = []
    hold: str = ""


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    @routes.get("/staff")
    async def today(request: Request, staff: SignedIn) -> Response:
        moment = now()
        date = moment.astimezone(settings.zone).date()
        programmes = await store.programmes_for(reading, staff)
        queues = await store.programmes_with_a_queue(reading, staff, moment)
        sessions = sorted(
            ((session, programme) for programme in programmes for session in programme.sessions),
            key=lambda pair: pair[0].starts_at,
        )
        todays = [pair for pair in sessions if pair[0].starts_at.astimezone(settings.zone).date() == date]
        held = await store.held_sessions(reading, [programme.programme_id for programme in programmes])
        return pages.render(
            request,
            "staff/today.html",
            now=moment,
            todays=todays,
            coming=[
                pair
                for pair in sessions
                if moment < pair[0].starts_at < moment + timedelta(weeks=4) and pair not in todays
            ],
            unheld=[pair for pair in sessions if pair[0].ends_at < moment and pair[0].session_id not in held],
            held=held,
            expected={p.programme_id: sum(p.taken.values()) for p in programmes},
            queues=queues,
            any=bool(programmes),
        )

    @routes.get("/staff/programmes")
    async def programmes(request: Request, staff: SignedIn) -> Response:
        found = await store.programmes_for(reading, staff)
        queues = await store.programmes_with_a_queue(reading, staff, now())
        return pages.render(
            request,
            "staff/programmes.html",
            under_way=[p for p in found if p.ends_at > now()],
            past=[p for p in found if p.ends_at <= now()],
            waiting={p.programme_id: number for p, number in queues},
        )

    def fill_in(asked: Form[Dating], form: Form[Planning]) -> Mapping[date, str]:
        """Write the dates of a rule into the rows; themes that were typed stay. Returns the holidays left out."""
        form.errors = asked.errors
        if asked.value is None:
            return {}
        wanted = asked.value
        first = wanted.first.astimezone(settings.zone)
        try:
            found = dates_of(rule_of(wanted.repeat, first.date(), wanted.times), first, settings.zone, wanted.holidays)
        except DomainError as error:
            form.fail(error)
            return {}
        for index in form.rows("sessions", len(found.starts)):
            local = found.starts[index].astimezone(settings.zone) if index < len(found.starts) else None
            form.values[f"sessions-{index}-at-date"] = [local.date().isoformat() if local else ""]
            form.values[f"sessions-{index}-at-time"] = [local.strftime("%H:%M") if local else ""]
            if local and wanted.theme and not form.text(f"sessions-{index}-theme"):
                form.values[f"sessions-{index}-theme"] = [wanted.theme]
        return found.left_out

    def plan_page(request: Request, form: Form[Planning], rows: int, left_out: Iterable[date] = ()) -> Response:
        return pages.render(request, "staff/plan.html", form=form, rows=rows, left_out=list(left_out))

    @routes.get("/staff/programmes/new")
    async def new(request: Request, staff: SignedIn) -> Response:
        organiser = "" if ALL in staff.organisers or not staff.organisers else staff.organisers[0]
        form: Form[Planning] = Form.of({"organiser": organiser, "patient": 12, "relative": 8})
        return plan_page(request, form, EMPTY_ROWS)

    @routes.post("/staff/programmes/new")
    async def plan(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, Planning)
        rows = len(form.rows("sessions", EMPTY_ROWS))
        if form.text("fill"):
            left_out = fill_in(await read_form(request, Dating), form)
            return plan_page(request, form, len(form.rows("sessions", EMPTY_ROWS)), left_out)
        if form.text("more"):
            form.errors.clear()
            return plan_page(request, form, rows + EMPTY_ROWS)
        if form.value is not None:
            typed = form.value
            programme_id = str(uuid_utils.uuid7())
            try:
                await delivery.transact(lambda tx: planning.plan_programme(tx, typed.plan(), staff, programme_id, zone))
                return RedirectResponse(f"/staff/programmes/{programme_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return plan_page(request, form, rows)

    @routes.get("/staff/programmes/{programme_id}")
    async def programme(request: Request, programme_id: str, staff: SignedIn) -> Response:
        found = await store.programme(reading, programme_id)
        may(staff, found)
        registrations = await store.registrations(reading, programme_id)
        return pages.render(
            request,
            "staff/programme.html",
            programme=found,
            active=[r for r in registrations if r.status is not RegistrationStatus.CANCELLED],
            counts=counted(registrations),
            people=await store.people(reading, [r.person_id for r in registrations]),
            positions=positions(registrations),
            attendances=await store.attendances(reading, programme_id),
            threshold=settings.staff_threshold,
            attended=Mark.ATTENDED,
            now=now(),
        )

    @routes.get("/staff/programmes/{programme_id}/registrations/{participant_id}")
    async def registration(request: Request, programme_id: str, participant_id: str, staff: SignedIn) -> Response:
        found = await store.programme(reading, programme_id)
        may(staff, found)
        registration = await store.registration_in(reading, programme_id, participant_id)
        person = await store.person(reading, registration.person_id)
        return pages.render(
            request, "staff/registration.html", programme=found, registration=registration, person=person
        )

    @routes.post("/staff/programmes/{programme_id}/registrations/{participant_id}")
    async def cancel(programme_id: str, participant_id: str, staff: SignedIn) -> Response:
        may(staff, await store.programme(reading, programme_id))
        await delivery.transact(
            lambda tx: registering.cancel_registration(tx, participant_id, zone, programme_id=programme_id),
            key=programme_id,
        )
        return RedirectResponse(f"/staff/programmes/{programme_id}", status_code=303)

    async def attendance_page(request: Request, session_id: str, staff: Staff, form: Form[Attending]) -> Response:
        found = await store.programme_of_session(reading, session_id)
        may(staff, found)
        registrations = await store.registrations(reading, found.programme_id)
        attendance = await store.attendance(reading, found.programme_id, session_id)
        listed = [
            r for r in registrations if r.status is RegistrationStatus.CONFIRMED or r.participant_id in attendance.marks
        ]
        return pages.render(
            request,
            "staff/attendance.html",
            programme=found,
            session=found.session(session_id),
            number=1 + [s.session_id for s in found.sessions].index(session_id),
            listed=listed,
            people=await store.people(reading, [r.person_id for r in listed]),
            attendance=attendance,
            attended=Mark.ATTENDED,
            begun=found.session(session_id).starts_at <= now(),
            form=form,
        )

    @routes.get("/staff/programmes/{programme_id}/sessions/{session_id}")
    async def session(request: Request, session_id: str, staff: SignedIn) -> Response:
        programme = await store.programme_of_session(reading, session_id)
        marked = await store.attendance(reading, programme.programme_id, session_id)
        came = [id for id, mark in marked.marks.items() if mark is Mark.ATTENDED]
        return await attendance_page(request, session_id, staff, Form.of({"attended": came}))

    @routes.post("/staff/programmes/{programme_id}/sessions/{session_id}")
    async def mark(request: Request, programme_id: str, session_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Attending)
        if form.value is not None:
            sent = form.value
            try:
                await delivery.transact(
                    lambda tx: attendance.mark_all(tx, session_id, sent.attended, staff, hold=bool(sent.hold)),
                    key=session_id,
                )
                return RedirectResponse(f"/staff/programmes/{programme_id}/sessions/{session_id}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await attendance_page(request, session_id, staff, form)

    return routes
