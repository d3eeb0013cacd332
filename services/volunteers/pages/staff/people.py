"""The staff's page of one volunteer: details, trainings, agreement, pause, assignments, leaving."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.volunteers import store
from services.volunteers.domain.readiness import not_ready
from services.volunteers.domain.trainings import required
from services.volunteers.domain.volunteers import Volunteer
from services.volunteers.pages.forms import DetailsForm, LeaveForm, PaperForm, PauseForm, TrainedForm, details_of
from services.volunteers.pages.words import REACHES, ROLES, spoken
from services.volunteers.settings import Settings
from services.volunteers.use_cases import readiness
from services.volunteers.use_cases import volunteers as use_cases
from services.volunteers.use_cases.pool import seen_volunteer
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, language, read_form

SignedIn = Annotated[Staff, Depends(staff)]
LIST = "/staff/volunteers"


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The pages under /staff/volunteers/people."""
    routes = APIRouter(prefix="/people")
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    async def seen(volunteer_id: str, staff: Staff) -> Volunteer:
        return await seen_volunteer(reading, volunteer_id, staff)

    def back(volunteer_id: str, section: str) -> Response:
        return RedirectResponse(f"{LIST}/people/{volunteer_id}#{section}", status_code=303)

    async def page(request: Request, staff: Staff, volunteer_id: str, **forms: Form[Any]) -> Response:
        volunteer = await seen(volunteer_id, staff)
        catalogue = await store.catalogue(reading)
        today = rules.day(now())
        every = await store.assignments_of(reading, volunteer_id)
        mine = sorted((one for one in every if staff.sees(one)), key=lambda one: one.offered_at, reverse=True)
        return pages.render(
            request,
            "staff/person.html",
            volunteer=volunteer,
            titles={training.code: training.title for training in catalogue},
            faults={
                role: not_ready(volunteer, role, today, today, required(catalogue, role)) for role in volunteer.roles
            },
            assignments=mine,
            others=len(every) - len(mine),
            today=today,
            now=now(),
            roles=ROLES,
            reaches=REACHES,
            languages_spoken=spoken(language(request), volunteer.speaks),
            trained=forms.get("trained", Form()),
            paper=forms.get("paper", Form()),
            pause=forms.get("pause", Form.of({"starts_on": today})),
        )

    @routes.get("/{volunteer_id}")
    async def show(request: Request, volunteer_id: str, staff: SignedIn) -> Response:
        return await page(request, staff, volunteer_id)

    @routes.post("/{volunteer_id}/confirmation")
    async def confirm(volunteer_id: str, staff: SignedIn) -> Response:
        await delivery.transact(
            lambda tx: use_cases.confirm_application(tx, volunteer_id, staff, rules), key=volunteer_id
        )
        return back(volunteer_id, "main")

    @routes.post("/{volunteer_id}/refusal")
    async def turn_down(volunteer_id: str, staff: SignedIn) -> Response:
        await delivery.transact(lambda tx: use_cases.turn_down(tx, volunteer_id, staff), key=volunteer_id)
        return RedirectResponse(LIST, status_code=303)

    @routes.post("/{volunteer_id}/trainings")
    async def trained(request: Request, volunteer_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, TrainedForm)
        if form.value is not None:
            done = use_cases.Completed(training=form.value.training, completed_on=form.value.completed_on)
            try:
                await delivery.transact(
                    lambda tx: readiness.record_training(tx, volunteer_id, done, staff, rules), key=volunteer_id
                )
                return back(volunteer_id, "trainings")
            except DomainError as error:
                form.fail(error)
        return await page(request, staff, volunteer_id, trained=form)

    @routes.post("/{volunteer_id}/trainings/{code}/removal")
    async def not_trained(volunteer_id: str, code: str, staff: SignedIn) -> Response:
        await delivery.transact(lambda tx: readiness.remove_training(tx, volunteer_id, code, staff), key=volunteer_id)
        return back(volunteer_id, "trainings")

    @routes.post("/{volunteer_id}/agreement")
    async def signed_on_paper(request: Request, volunteer_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, PaperForm)
        if form.value is not None:
            signed_on = form.value.signed_on
            try:
                await delivery.transact(
                    lambda tx: readiness.note_paper_agreement(tx, volunteer_id, signed_on, staff, rules),
                    key=volunteer_id,
                )
                return back(volunteer_id, "agreement")
            except DomainError as error:
                form.fail(error)
        return await page(request, staff, volunteer_id, paper=form)

    @routes.post("/{volunteer_id}/pause")
    async def pause(request: Request, volunteer_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, PauseForm)
        if form.value is not None:
            wanted = readiness.PauseIn(starts_on=form.value.starts_on, until=form.value.until)
            try:
                await delivery.transact(
                    lambda tx: readiness.pause(tx, volunteer_id, wanted, rules, staff), key=volunteer_id
                )
                return back(volunteer_id, "pause")
            except DomainError as error:
                form.fail(error)
        return await page(request, staff, volunteer_id, pause=form)

    @routes.post("/{volunteer_id}/return")
    async def resume(volunteer_id: str, staff: SignedIn) -> Response:
        await delivery.transact(lambda tx: readiness.resume(tx, volunteer_id, staff), key=volunteer_id)
        return back(volunteer_id, "pause")

    def details_page(request: Request, volunteer: Volunteer, form: Form[DetailsForm]) -> Response:
        return pages.render(
            request,
            "staff/details.html",
            volunteer=volunteer,
            form=form,
            roles=ROLES,
            reaches=REACHES,
            languages_spoken=spoken(language(request), volunteer.speaks),
        )

    @routes.get("/{volunteer_id}/details")
    async def details(request: Request, volunteer_id: str, staff: SignedIn) -> Response:
        volunteer = await seen(volunteer_id, staff)
        return details_page(request, volunteer, Form.of(details_of(volunteer)))

    @routes.post("/{volunteer_id}/details")
    async def correct(request: Request, volunteer_id: str, staff: SignedIn) -> Response:
        volunteer = await seen(volunteer_id, staff)
        form = await read_form(request, DetailsForm)
        if form.value is not None:
            person = form.value.person()
            try:
                await delivery.transact(
                    lambda tx: use_cases.correct(tx, volunteer_id, person, rules, staff), key=volunteer_id
                )
                return back(volunteer_id, "details")
            except DomainError as error:
                form.fail(error)
        return details_page(request, volunteer, form)

    @routes.get("/{volunteer_id}/leaving")
    async def leaving(request: Request, volunteer_id: str, staff: SignedIn) -> Response:
        volunteer = await seen(volunteer_id, staff)
        return pages.render(request, "staff/leaving.html", volunteer=volunteer, form=Form[LeaveForm]())

    @routes.post("/{volunteer_id}/leaving")
    async def leave(request: Request, volunteer_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, LeaveForm)
        if form.value is None:
            volunteer = await seen(volunteer_id, staff)
            return pages.render(request, "staff/leaving.html", volunteer=volunteer, form=form)
        await delivery.transact(lambda tx: use_cases.leave(tx, volunteer_id, rules, staff), key=volunteer_id)
        return RedirectResponse(LIST, status_code=303)

    return routes
