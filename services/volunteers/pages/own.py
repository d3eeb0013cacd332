"""A volunteer's own page, behind a mailed link: trainings, agreement, pause, assignments, details, and leaving."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.volunteers import store
from services.volunteers.domain.assignments import OPEN, Assignment
from services.volunteers.domain.readiness import not_ready
from services.volunteers.domain.trainings import required
from services.volunteers.domain.volunteers import AGREEMENT_VERSION, Volunteer
from services.volunteers.pages.forms import DetailsForm, LeaveForm, PauseForm, SignForm, details_of
from services.volunteers.pages.words import REACHES, ROLES, spoken
from services.volunteers.settings import Settings
from services.volunteers.use_cases import readiness
from services.volunteers.use_cases import volunteers as use_cases
from services.volunteers.use_cases.assignments import LINK_PURPOSE
from shared.access import link_token
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, language, read_form

LINK_FOR = timedelta(days=7)
"""How long the links to assignments work that the page is shown with; it can be opened again."""


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The pages behind `/volunteer/{token}`. Looking at them changes nothing."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    async def linked(token: str) -> Volunteer:
        return await use_cases.linked_volunteer(reading, settings, token, now())

    def back(token: str, section: str) -> Response:
        return RedirectResponse(f"/volunteer/{token}#{section}", status_code=303)

    async def page(request: Request, token: str, pause: Form[PauseForm]) -> Response:
        volunteer = await linked(token)
        catalogue = await store.catalogue(reading)
        today = rules.day(now())
        assignments = await store.assignments_of(reading, volunteer.volunteer_id)
        return pages.render(
            request,
            "own.html",
            volunteer=volunteer,
            token=token,
            trainings=catalogue,
            faults={
                role: not_ready(volunteer, role, today, today, required(catalogue, role)) for role in volunteer.roles
            },
            assignments=_in_order(assignments, now()),
            links={
                one.assignment_id: _link(settings, one, now())
                for one in assignments
                if one.status in OPEN or one.completable
            },
            newest=AGREEMENT_VERSION,
            today=today,
            now=now(),
            pause=pause,
            roles=ROLES,
            reaches=REACHES,
            languages_spoken=spoken(language(request), volunteer.speaks),
        )

    @routes.get("/volunteer/{token}")
    async def show(request: Request, token: str) -> Response:
        return await page(request, token, Form.of({"starts_on": rules.day(now())}))

    @routes.post("/volunteer/{token}/pause")
    async def pause(request: Request, token: str) -> Response:
        id = (await linked(token)).volunteer_id
        form = await read_form(request, PauseForm)
        if form.value is not None:
            wanted = readiness.PauseIn(starts_on=form.value.starts_on, until=form.value.until)
            try:
                await delivery.transact(lambda tx: readiness.pause(tx, id, wanted, rules), key=id)
                return back(token, "pause")
            except DomainError as error:
                form.fail(error)
        return await page(request, token, form)

    @routes.post("/volunteer/{token}/return")
    async def resume(token: str) -> Response:
        id = (await linked(token)).volunteer_id
        await delivery.transact(lambda tx: readiness.resume(tx, id), key=id)
        return back(token, "pause")

    def agreement_page(request: Request, volunteer: Volunteer, token: str, form: Form[SignForm]) -> Response:
        return pages.render(
            request,
            "agreement.html",
            volunteer=volunteer,
            token=token,
            version=AGREEMENT_VERSION,
            form=form,
        )

    @routes.get("/volunteer/{token}/agreement")
    async def agreement(request: Request, token: str) -> Response:
        return agreement_page(request, await linked(token), token, Form())

    @routes.post("/volunteer/{token}/agreement")
    async def sign(request: Request, token: str) -> Response:
        volunteer = await linked(token)
        id = volunteer.volunteer_id
        form = await read_form(request, SignForm)
        if form.value is not None:
            version = form.value.version
            try:
                await delivery.transact(lambda tx: readiness.sign_agreement(tx, id, version, rules), key=id)
                return back(token, "agreement")
            except DomainError as error:
                form.fail(error)
        return agreement_page(request, volunteer, token, form)

    def details_page(request: Request, volunteer: Volunteer, token: str, form: Form[DetailsForm]) -> Response:
        return pages.render(
            request,
            "details.html",
            token=token,
            form=form,
            roles=ROLES,
            reaches=REACHES,
            languages_spoken=spoken(language(request), volunteer.speaks),
        )

    @routes.get("/volunteer/{token}/details")
    async def details(request: Request, token: str) -> Response:
        volunteer = await linked(token)
        every = [role.value for role in [*volunteer.roles, *volunteer.wished_roles]]
        return details_page(request, volunteer, token, Form.of({**details_of(volunteer), "roles": every}))

    @routes.post("/volunteer/{token}/details")
    async def correct(request: Request, token: str) -> Response:
        volunteer = await linked(token)
        id = volunteer.volunteer_id
        form = await read_form(request, DetailsForm)
        if form.value is not None:
            person = form.value.person()
            try:
                await delivery.transact(lambda tx: use_cases.correct(tx, id, person, rules), key=id)
                return back(token, "details")
            except DomainError as error:
                form.fail(error)
        return details_page(request, volunteer, token, form)

    @routes.get("/volunteer/{token}/leaving")
    async def leaving(request: Request, token: str) -> Response:
        await linked(token)
        return pages.render(request, "leaving.html", token=token, form=Form[LeaveForm]())

    @routes.post("/volunteer/{token}/leaving")
    async def leave(request: Request, token: str) -> Response:
        id = (await linked(token)).volunteer_id
        form = await read_form(request, LeaveForm)
        if form.value is None:
            return pages.render(request, "leaving.html", token=token, form=form)
        await delivery.transact(lambda tx: use_cases.leave(tx, id, rules), key=id)
        return RedirectResponse("/volunteer/left", status_code=303)

    return routes


def _link(settings: Settings, assignment: Assignment, now: datetime) -> str:
    return link_token(settings, LINK_PURPOSE, assignment.assignment_id, now + LINK_FOR)


def _in_order(assignments: Iterable[Assignment], now: datetime) -> Sequence[Assignment]:
    """What is still to be answered or done first, then the newest."""
    newest = sorted(assignments, key=lambda one: one.task.at or one.offered_at, reverse=True)
    return sorted(newest, key=lambda one: one.status_at(now) not in OPEN)
