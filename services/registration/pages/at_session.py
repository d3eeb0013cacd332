"""What is done at a session, on a phone as a rule: who is here, how many came, themes, and that it was held.

The same pages for staff and for those who lead by a link of their own.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from motesplats_events import Role
from services.registration import store
from services.registration.domain.attendance import Attendance, Listed, Mark, Sheet
from services.registration.domain.headcount import AGE_BANDS, Entry, hour_of, last_of
from services.registration.domain.kinds import Admission
from services.registration.domain.staffing import Leader, facilitators_missing
from services.registration.domain.themes import open_ones
from services.registration.settings import Settings
from services.registration.use_cases import attendance, leading, themes
from services.registration.use_cases.leading import Actor
from shared.access import Staff, read_link, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.text import Line
from shared.web import Form, Pages, Says, msg, read_form

STAFF_ADDRESS = "/staff/programmes/{programme_id}/sessions/{session_id}"
LEAD_ADDRESS = "/lead/{token}/sessions/{session_id}"
Id = Annotated[str, Field(min_length=1, max_length=64)]


class Attending(BaseModel):
    """The attendance form.

    Attributes:
        was: everybody on it as `mark:id`, with what it showed, so that it changes only what was changed on it.
        attended: a box for everybody who is here.
        hold: set by the button that also says that the session was held.
    """

    was: list[str] = []
    attended: list[str] = []
    partly: list[str] = []
    unknown: list[str] = []
    hold: str = ""

    def sheet(self) -> Sheet:
        """The same as the rules take it."""
        marks = {mark.value: mark for mark in Mark}
        shown = {id: marks.get(mark) for mark, _, id in (one.partition(":") for one in self.was)}
        return Sheet(shown, self.attended, self.partly, self.unknown, hold=bool(self.hold))


class Counting(BaseModel):
    """One tap at the door."""

    entry_id: Id
    role: Role
    first: bool = False
    age: str = ""


class TakingBack(BaseModel):
    """Which entry is taken back."""

    entry_id: Id


class Holding(BaseModel):
    """The button that says that the session was held."""


class NotingTheme(BaseModel):
    """A theme to pass on."""

    theme_id: Id
    text: Annotated[Line, Says(missing=msg("Write the theme"))]


class TickingTheme(BaseModel):
    """What has become of a theme."""

    theme_id: Id
    what: str = "done"


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages of one session, under /staff and under /lead."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now

    async def by_link(token: str) -> Leader:
        return await leading.leader(reading, read_link(settings, leading.LINK_PURPOSE, token, now()), now())

    add(routes, STAFF_ADDRESS, staff, delivery, settings, pages)
    add(routes, LEAD_ADDRESS, by_link, delivery, settings, pages)
    return routes


def marks_shown(listed: Sequence[Listed], before: Attendance) -> dict[str, list[str]]:
    """The attendance form for these people: what it shows, and the boxes that are ticked on it."""
    marks = {one.participant_id: before.marks.get(one.participant_id) for one in listed}
    shown = {
        "was": [f"{mark or ''}:{id}" for id, mark in marks.items()],
        "attended": [id for id, mark in marks.items() if mark is Mark.ATTENDED],
        "partly": [id for id, mark in marks.items() if mark is Mark.PARTLY],
    }
    return shown | ({"unknown": [id for id, mark in marks.items() if mark is None]} if before.held_at else {})


def add(
    routes: APIRouter,
    address: str,
    who: Callable[..., Any],
    delivery: Delivery,
    settings: Settings,
    pages: Pages,
) -> None:
    """Add the pages at an address, for those whom `who` lets in."""
    reading = delivery.reading
    now = delivery.clock.now
    # A dependency that was made for this address; the type checker cannot see that it gives an Actor.
    Acting = Annotated[Any, Depends(who)]

    def here(request: Request) -> str:
        return address.format(**request.path_params)

    async def show(request: Request, actor: Actor, part: str, form: Form[Any]) -> Response:
        session_id = request.path_params["session_id"]
        programme = await store.programme_of_session(reading, session_id)
        leading.may_lead(actor, programme, session_id)
        session = programme.session(session_id)
        before = await store.attendance(reading, programme.programme_id, session_id)
        listed = await attendance.on_the_list(reading, programme, session)
        people = await store.people(reading, [one.person_id for one in listed])
        known = await store.themes(reading, programme.programme_id)
        staffing = await store.staffing(reading, programme.programme_id)
        grouped = await store.groups(reading, programme.programme_id)
        if part == "sheet":
            # What it showed when it was ticked, so that it still changes only that; without who has left the list.
            ids = {one.participant_id for one in listed}
            form.values["was"] = [was for was in form.values.get("was", []) if was.partition(":")[2] in ids]
        # A form for each part: what was typed in one says nothing about the boxes of another.
        empty: dict[str, Form[Any]] = {"sheet": Form(marks_shown(listed, before)), "visitors": Form(), "theme": Form()}
        return pages.render(
            request,
            "session.html",
            here=here(request),
            back=f"/staff/programmes/{programme.programme_id}"
            if isinstance(actor, Staff)
            else f"/lead/{request.path_params['token']}",
            by_staff=isinstance(actor, Staff),
            marks_here=isinstance(actor, Staff) or actor.takes_attendance,
            programme=programme,
            session=session,
            number=1 + [s.session_id for s in programme.sessions].index(session_id),
            listed=listed,
            people=people,
            attendance=before,
            begun=session.starts_at <= now(),
            counts_visitors=programme.rules.admission is Admission.WALK_IN,
            last=last_of(before.entries),
            missing=0 if before.held_at else facilitators_missing(programme, session, staffing),
            group_of={id: group.name for group in grouped.groups for id in group.members},
            open_themes=[theme for theme in open_ones(known) if theme.session_id != session_id],
            noted_here=[theme for theme in known if theme.session_id == session_id and not theme.dropped],
            taken_up_here=[theme for theme in known if theme.taken_up_at == session_id],
            age_bands=AGE_BANDS,
            new_id=str(uuid_utils.uuid7()),
            forms=empty | ({part: form} if part in empty else {}),
            form=form,
        )

    async def done_or_said(
        request: Request, actor: Actor, part: str, form: Form[Any], work: Any, where: str = ""
    ) -> Response:
        """Do it and show the page anew at `where`; or show it with what a rule said about the answers."""
        if form.value is not None:
            try:
                await delivery.transact(work, key=request.path_params["session_id"])
                return RedirectResponse(f"{here(request)}{where}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await show(request, actor, part, form)

    @routes.get(address)
    async def session(request: Request, actor: Acting) -> Response:
        return await show(request, actor, "", Form())

    @routes.post(address)
    async def mark(request: Request, session_id: str, actor: Acting) -> Response:
        form = await read_form(request, Attending)
        sheet = form.value.sheet() if form.value else Sheet({}, ())
        return await done_or_said(
            request, actor, "sheet", form, lambda tx: attendance.take_sheet(tx, session_id, sheet, actor)
        )

    @routes.post(address + "/visitors")
    async def count(request: Request, session_id: str, actor: Acting) -> Response:
        form = await read_form(request, Counting)
        typed = form.value or Counting(entry_id="none", role=Role.OTHER)
        at = (await store.programme_of_session(reading, session_id)).session(session_id)
        entry = Entry(
            typed.entry_id,
            hour_of(at, now(), settings.zone),
            typed.role,
            first_visits=int(typed.first),
            age_bands={typed.age: 1} if typed.age else {},
        )
        return await done_or_said(
            request, actor, "visitors", form, lambda tx: attendance.count_visitors(tx, session_id, entry, actor)
        )

    @routes.post(address + "/visitors/taken-back")
    async def take_back(request: Request, session_id: str, actor: Acting) -> Response:
        form = await read_form(request, TakingBack)
        entry_id = form.value.entry_id if form.value else ""
        return await done_or_said(
            request, actor, "back", form, lambda tx: attendance.take_back_entry(tx, session_id, entry_id, actor)
        )

    @routes.post(address + "/held")
    async def hold(request: Request, session_id: str, actor: Acting) -> Response:
        form = await read_form(request, Holding)
        return await done_or_said(
            request, actor, "held", form, lambda tx: attendance.hold_session(tx, session_id, actor)
        )

    @routes.post(address + "/themes")
    async def note(request: Request, session_id: str, actor: Acting) -> Response:
        form = await read_form(request, NotingTheme)
        typed = form.value or NotingTheme(theme_id="none", text="-")
        return await done_or_said(
            request,
            actor,
            "theme",
            form,
            lambda tx: themes.note_theme(tx, session_id, typed.theme_id, typed.text, actor),
            "#themes",
        )

    @routes.post(address + "/themes/ticked")
    async def tick(request: Request, session_id: str, actor: Acting) -> Response:
        form = await read_form(request, TickingTheme)
        typed = form.value or TickingTheme(theme_id="none")

        async def work(tx: Any) -> None:
            if typed.what == "drop":
                await themes.drop_theme(tx, session_id, typed.theme_id, actor)
            else:
                await themes.take_up_theme(tx, session_id, typed.theme_id, actor, done=typed.what == "done")

        return await done_or_said(request, actor, "ticked", form, work, "#themes")
