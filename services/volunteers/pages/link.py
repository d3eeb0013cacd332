"""What a volunteer sees behind a mailed link: the offer, the answer, and afterwards how it went."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from motesplats_events import AssignmentStatus
from services.volunteers.domain.assignments import OfferExpired
from services.volunteers.domain.shifts import AlreadyTaken
from services.volunteers.domain.swaps import SwapIsVoid
from services.volunteers.pages.forms import AnswerForm, WorkForm
from services.volunteers.pages.words import ROLES
from services.volunteers.settings import Settings
from services.volunteers.use_cases import assignments as use_cases
from services.volunteers.use_cases import swaps
from shared.delivery import Delivery
from shared.errors import DomainError, Gone
from shared.web import Form, Pages, read_form


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The page behind `/assignments/{token}`. Looking at it changes nothing."""
    routes = APIRouter(include_in_schema=False)
    now = delivery.clock.now

    async def page(
        request: Request, token: str, form: Form[WorkForm], *, taken: bool = False, hindered: DomainError | None = None
    ) -> Response:
        assignment = await use_cases.linked_assignment(delivery.reading, settings, token, now())
        taken = taken or assignment.not_needed
        if not taken and assignment.status_at(now()) is AssignmentStatus.EXPIRED:
            raise OfferExpired("The time to answer this offer has passed")
        return pages.render(
            request,
            "assignment.html",
            status=410 if taken else hindered.status if hindered else 200,
            assignment=assignment,
            taken=taken,
            hindered=hindered,
            swap=await swaps.asked_to_give(delivery.reading, assignment),
            can_be_done=assignment.can_be_done(now()),
            roles=ROLES,
            form=form,
        )

    @routes.get("/assignments/{token}")
    async def show(request: Request, token: str) -> Response:
        return await page(request, token, Form())

    @routes.post("/assignments/{token}")
    async def act(request: Request, token: str) -> Response:
        assignment = await use_cases.linked_assignment(delivery.reading, settings, token, now())
        id = assignment.assignment_id
        pressed = (await read_form(request, AnswerForm)).value
        if pressed is not None and pressed.answer == "give_up":
            await delivery.transact(lambda tx: use_cases.release_assignment(tx, id, settings.rules), key=id)
            return RedirectResponse(f"/assignments/{token}", status_code=303)
        if pressed is not None and pressed.answer != "complete":
            accept = pressed.answer == "accept"
            try:
                await delivery.transact(lambda tx: use_cases.answer_offer(tx, id, accept, settings.rules), key=id)
            except (AlreadyTaken, SwapIsVoid, OfferExpired) as error:
                return await page(request, token, Form(), taken=not isinstance(error, OfferExpired))
            except Gone:
                raise
            except DomainError as error:
                return await page(request, token, Form(), hindered=error)
            return RedirectResponse(f"/assignments/{token}", status_code=303)
        form = await read_form(request, WorkForm)
        if form.value is not None:
            work = form.value
            try:
                await delivery.transact(lambda tx: use_cases.complete_assignment(tx, id, work, settings.rules), key=id)
                return RedirectResponse(f"/assignments/{token}", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await page(request, token, form)

    return routes
