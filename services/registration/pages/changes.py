"""The coordinator changes what was planned: moves, cancels and adds sessions, themes, rooms, the link, who leads."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import AwareDatetime, BaseModel, Field

from motesplats_events import VolunteerRole
from services.registration import store
from services.registration.domain.programmes import (
    LONGEST_SESSION_MINUTES,
    MOST_HELPERS,
    MOST_SESSIONS,
    Programme,
)
from services.registration.domain.recurrence import Country, Repeat, dates_of, rule_of
from services.registration.domain.staffing import late_lecturers, said_yes, waiting_offers
from services.registration.pages.planning import Entries
from services.registration.settings import Settings
from services.registration.use_cases import leading, sessions
from services.registration.use_cases.planning import LeadDays
from shared.access import Staff, may, staff
from shared.delivery import Delivery, Transaction
from shared.errors import DomainError
from shared.text import Line
from shared.web import Form, Pages, Says, msg, read_form

SignedIn = Annotated[Staff, Depends(staff)]
PROGRAMME = "/staff/programmes/{programme_id}"
SESSION = PROGRAMME + "/sessions/{session_id}"


class Moving(BaseModel):
    """Another time for a session."""

    at: Annotated[AwareDatetime, Says(missing=msg("Give a date and a time"))]
    following: bool = False


class Rooming(sessions.Room):
    """Another room for a session."""

    following: bool = False


class Replanning(sessions.SessionPlan):
    """Another theme or length for a session."""

    theme: Annotated[Line, Says(missing=msg("Write what the session is about"))]
    minutes: Annotated[
        int, Field(ge=1, le=LONGEST_SESSION_MINUTES), Says(missing=msg("Write how many minutes the session lasts"))
    ]
    lecturer_lead_days: LeadDays | None = None
    following: bool = False


class Cancelling(BaseModel):
    """A session, or the rest of a programme."""

    rest: bool = False


class Adding(BaseModel):
    """More sessions by a rule; one time is one date."""

    first: Annotated[AwareDatetime, Says(missing=msg("Give the first date and the time"))]
    repeat: Repeat = Repeat.WEEKLY
    times: Annotated[int, Field(ge=1, le=MOST_SESSIONS), Says(missing=msg("Say how many times it meets"))]
    minutes: Annotated[int, Field(ge=1, le=LONGEST_SESSION_MINUTES)] = 120
    theme: Annotated[Line, Says(missing=msg("Write what the session is about"))]
    holidays: Country | None = None
    entries: Entries = []
    look: str = ""


class Needing(BaseModel):
    """How many facilitators and hosts a programme needs."""

    facilitators_needed: Annotated[int, Field(ge=0, le=MOST_HELPERS)] = 0
    hosts_needed: Annotated[int, Field(ge=0, le=MOST_HELPERS)] = 0


class Linking(BaseModel):
    """Where a programme meets digitally."""

    url: str = ""


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff/programmes/{programme_id}."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    async def theirs(programme_id: str, staff: Staff) -> Programme:
        found = await store.programme(reading, programme_id)
        may(staff, found)
        return found

    async def attempt(
        form: Form[Any], programme_id: str, work: Callable[[Transaction], Awaitable[object]]
    ) -> Response | None:
        """Do it and go back to the programme; None when a rule said no, which the form then holds."""
        if form.value is None:
            return None
        try:
            await delivery.transact(work, key=programme_id)
        except DomainError as error:
            form.fail(error)
            return None
        return RedirectResponse(PROGRAMME.format(programme_id=programme_id), status_code=303)

    # One session

    async def change_page(
        request: Request, programme_id: str, session_id: str, staff: Staff, part: str, form: Form[Any]
    ) -> Response:
        programme = await theirs(programme_id, staff)
        session = programme.session(session_id)
        empty: dict[str, Form[Any]] = {
            "move": Form.of({"at": session.starts_at}, zone),
            "room": Form.of({name: getattr(session, name) for name in sessions.Room.model_fields}),
            "plan": Form.of({name: getattr(session, name) for name in sessions.SessionPlan.model_fields}),
            "cancellation": Form(),
        }
        forms = empty | ({part: form} if part else {})
        return pages.render(
            request,
            "staff/change_session.html",
            status=422 if form.errors else 200,
            programme=programme,
            session=session,
            following=len([s for s in programme.to_take_place if s.starts_at > session.starts_at]),
            begun=(await store.attendance(reading, programme_id, session_id)).has_begun,
            over=session.starts_at <= now(),
            guests=len((await store.guests_at(reading, [session_id])).get(session_id, [])),
            forms=forms,
        )

    @routes.get(SESSION + "/change")
    async def change(request: Request, programme_id: str, session_id: str, staff: SignedIn) -> Response:
        return await change_page(request, programme_id, session_id, staff, "", Form())

    @routes.post(SESSION + "/move")
    async def move(request: Request, programme_id: str, session_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Moving)
        to = form.value
        done = to and await attempt(
            form,
            programme_id,
            lambda tx: sessions.move_session(tx, session_id, to.at, staff, zone, following=to.following),
        )
        return done or await change_page(request, programme_id, session_id, staff, "move", form)

    @routes.post(SESSION + "/room")
    async def room(request: Request, programme_id: str, session_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Rooming)
        wanted = form.value
        done = wanted and await attempt(
            form,
            programme_id,
            lambda tx: sessions.set_room(tx, session_id, wanted, staff, zone, following=wanted.following),
        )
        return done or await change_page(request, programme_id, session_id, staff, "room", form)

    @routes.post(SESSION + "/plan")
    async def plan(request: Request, programme_id: str, session_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Replanning)
        wanted = form.value
        done = wanted and await attempt(
            form,
            programme_id,
            lambda tx: sessions.set_plan(tx, session_id, wanted, staff, zone, following=wanted.following),
        )
        return done or await change_page(request, programme_id, session_id, staff, "plan", form)

    @routes.post(SESSION + "/cancellation")
    async def cancel(request: Request, programme_id: str, session_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Cancelling)
        rest = form.value is not None and form.value.rest
        done = await attempt(
            form, programme_id, lambda tx: sessions.cancel_session(tx, session_id, staff, zone, rest=rest)
        )
        return done or await change_page(request, programme_id, session_id, staff, "cancellation", form)

    @routes.post(SESSION + "/put-back")
    async def put_back(request: Request, programme_id: str, session_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Cancelling)
        done = await attempt(form, programme_id, lambda tx: sessions.put_session_back(tx, session_id, staff, zone))
        return done or await change_page(request, programme_id, session_id, staff, "cancellation", form)

    # The whole programme

    @routes.get(PROGRAMME + "/sessions")
    async def more(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form: Form[Adding] = Form.of({"minutes": 120, "repeat": "second_week"})
        return pages.render(
            request, "staff/more_sessions.html", programme=await theirs(programme_id, staff), form=form, found=None
        )

    @routes.post(PROGRAMME + "/sessions")
    async def add(request: Request, programme_id: str, staff: SignedIn) -> Response:
        programme = await theirs(programme_id, staff)
        form = await read_form(request, Adding)
        found = None
        if (typed := form.value) is not None:
            local = typed.first.astimezone(zone)
            try:
                rule = rule_of(typed.repeat, local.date(), typed.times)
                found = dates_of(rule, typed.first, zone, typed.holidays)
                if not typed.look:
                    by_rule = sessions.ByRule(
                        first=typed.first,
                        rule=rule,
                        without_holidays_of=typed.holidays,
                        minutes=typed.minutes,
                        theme=typed.theme,
                    )
                    added = sessions.More(by_rule=by_rule, entries=typed.entries)
                    await delivery.transact(
                        lambda tx: sessions.add_sessions(tx, programme_id, added, staff, zone), key=programme_id
                    )
                    return RedirectResponse(PROGRAMME.format(programme_id=programme_id), status_code=303)
            except DomainError as error:
                # The rule stands for all its dates; there is no field for each.
                (problem, *_) = error.problems
                own = {"sessions": "times", "entries": "entries"}
                form.problem(own.get(problem.field.partition(".")[0], "first"), problem.message, **problem.values)
        return pages.render(request, "staff/more_sessions.html", programme=programme, form=form, found=found)

    @routes.get(PROGRAMME + "/cancellation")
    async def to_cancel(request: Request, programme_id: str, staff: SignedIn) -> Response:
        programme = await theirs(programme_id, staff)
        return pages.render(request, "staff/cancel_programme.html", programme=programme, form=Form())

    @routes.post(PROGRAMME + "/cancellation")
    async def cancel_all(request: Request, programme_id: str, staff: SignedIn) -> Response:
        await delivery.transact(lambda tx: sessions.cancel_programme(tx, programme_id, staff, zone), key=programme_id)
        return RedirectResponse(PROGRAMME.format(programme_id=programme_id), status_code=303)

    async def helpers_page(request: Request, programme_id: str, staff: Staff, form: Form[Needing] | None) -> Response:
        programme = await theirs(programme_id, staff)
        found = await store.staffing(reading, programme_id)
        late = {session.session_id for session in late_lecturers(programme, found, now())}
        return pages.render(
            request,
            "staff/helpers.html",
            programme=programme,
            form=form or Form.of({name: getattr(programme, name) for name in Needing.model_fields}),
            waiting=len(waiting_offers(found, now())),
            rows=[
                (
                    session,
                    said_yes(found, session, VolunteerRole.GROUP_LEADER),
                    said_yes(found, session, VolunteerRole.HOST),
                    said_yes(found, session, VolunteerRole.LECTURER),
                    session.session_id in late,
                )
                for session in programme.to_take_place
                if session.ends_at > now()
            ],
        )

    @routes.get(PROGRAMME + "/helpers")
    async def helpers(request: Request, programme_id: str, staff: SignedIn) -> Response:
        return await helpers_page(request, programme_id, staff, None)

    @routes.post(PROGRAMME + "/helpers")
    async def need(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Needing)
        typed = form.value or Needing()
        done = await attempt(
            form,
            programme_id,
            lambda tx: leading.set_needed(tx, programme_id, typed.facilitators_needed, typed.hosts_needed, staff),
        )
        return done or await helpers_page(request, programme_id, staff, form)

    async def link_page(request: Request, programme_id: str, staff: Staff, form: Form[Linking] | None) -> Response:
        programme = await theirs(programme_id, staff)
        link = await store.meeting_link(reading, programme_id)
        shown = form or Form.of({"url": link or ""})
        return pages.render(request, "staff/meeting_link.html", programme=programme, form=shown, link=link)

    @routes.get(PROGRAMME + "/meeting-link")
    async def link(request: Request, programme_id: str, staff: SignedIn) -> Response:
        return await link_page(request, programme_id, staff, None)

    @routes.post(PROGRAMME + "/meeting-link")
    async def set_link(request: Request, programme_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Linking)
        url = form.value.url if form.value else ""
        done = await attempt(form, programme_id, lambda tx: sessions.set_meeting_link(tx, programme_id, url, staff))
        return done or await link_page(request, programme_id, staff, form)

    return routes
