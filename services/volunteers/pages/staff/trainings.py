"""The staff's pages: whose trainings expire, and the catalogue."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from services.volunteers import store
from services.volunteers.pages.forms import TrainingForm
from services.volunteers.pages.words import ROLES
from services.volunteers.settings import Settings
from services.volunteers.use_cases import readiness
from shared.access import ALL, Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, read_form

SignedIn = Annotated[Staff, Depends(staff)]
PATH = "/staff/volunteers/trainings"
SOON = timedelta(days=90)


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The pages under /staff/volunteers/trainings."""
    routes = APIRouter(prefix="/trainings")
    reading = delivery.reading
    rules = settings.rules

    async def page(request: Request, staff: Staff, form: Form[TrainingForm]) -> Response:
        today = rules.day(delivery.clock.now())
        until = today + SOON
        rows = [
            (trained.expires_on, one, code)
            for one in await store.trained_until(reading, staff, until)
            for code, trained in one.trainings.items()
            if trained.expires_on and trained.expires_on <= until
        ]
        catalogue = await store.catalogue(reading)
        return pages.render(
            request,
            "staff/trainings.html",
            expiring=sorted(rows, key=lambda row: row[0]),
            catalogue=catalogue,
            titles={training.code: training.title for training in catalogue},
            decides=ALL in staff.organisers and ALL in staff.areas,
            form=form,
            roles=ROLES,
            today=today,
        )

    @routes.get("")
    async def show(request: Request, staff: SignedIn) -> Response:
        return await page(request, staff, Form())

    @routes.post("")
    async def add(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, TrainingForm)
        if form.value is not None:
            new = form.value
            try:
                await delivery.transact(lambda tx: readiness.add_training(tx, new, staff), key=f"training {new.code}")
                return RedirectResponse(f"{PATH}#catalogue", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await page(request, staff, form)

    async def one_page(request: Request, code: str, form: Form[TrainingForm]) -> Response:
        training = await store.training(reading, code)
        return pages.render(request, "staff/training.html", training=training, form=form, roles=ROLES)

    @routes.get("/{code}")
    async def one(request: Request, code: str, staff: SignedIn) -> Response:
        staff.must_operate()
        training = await store.training(reading, code)
        shown = {
            "code": code,
            "title": training.title,
            "months": training.months,
            "required_for": [role.value for role in training.required_for],
        }
        return await one_page(request, code, Form.of(shown))

    @routes.post("/{code}")
    async def change(request: Request, code: str, staff: SignedIn) -> Response:
        form = await read_form(request, TrainingForm)
        if form.value is not None:
            entry = form.value
            await delivery.transact(
                lambda tx: readiness.change_training(tx, code, entry, staff), key=f"training {code}"
            )
            return RedirectResponse(f"{PATH}#catalogue", status_code=303)
        return await one_page(request, code, form)

    return routes
