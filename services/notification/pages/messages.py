"""What was sent and what waits: whom to call, what did not get through, how many of each kind."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from services.notification.domain.messages import Kind, Status
from services.notification.mail.letters import all_in_words
from services.notification.pages.kinds import KINDS, REASONS
from services.notification.settings import Settings
from services.notification.use_cases import by_hand
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, read_form, read_query

SignedIn = Annotated[Staff, Depends(staff)]


class Filter(BaseModel):
    """Which programme's messages to show."""

    programme: str = ""


class Acting(BaseModel):
    """A button on the page of messages."""

    action: Literal["called", "undo", "retry"]
    message: Annotated[str, Field(max_length=300)]


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff/messages."""
    routes = APIRouter()
    reading = delivery.reading

    async def show(request: Request, staff: Staff, form: Form[Acting]) -> Response:
        moment = delivery.clock.now()
        chosen = read_query(request, Filter)
        programme_id = chosen.value.programme if chosen.value else ""
        overview = await by_hand.overview(reading, staff, programme_id)
        programmes = sorted(overview.choices.values(), key=lambda p: (p.title, p.programme_id))
        counts, _ = await by_hand.counts(reading, staff, programme_id, moment)
        return pages.render(
            request,
            "staff/messages.html",
            form=form,
            chosen=chosen,
            programmes=programmes,
            pick=[(p.programme_id, p.title) for p in programmes],
            kinds=[(kind, name) for kind, name in KINDS.items() if any(counts[kind, s] for s in Status)],
            titles={id: programme.title for id, programme in overview.choices.items()},
            kind_names=KINDS,
            reasons=REASONS,
            counts=counts,
            totals={status: sum(counts[kind, status] for kind in Kind) for status in Status},
            calls=await all_in_words(reading, overview.calls, settings, pages, moment),
            called=await all_in_words(reading, overview.called, settings, pages, moment),
            stuck=await all_in_words(reading, overview.failed, settings, pages, moment),
            now=moment,
        )

    @routes.get("/staff/messages")
    async def messages(request: Request, staff: SignedIn) -> Response:
        return await show(request, staff, Form())

    @routes.post("/staff/messages")
    async def act(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, Acting)
        if form.value is None:
            return await show(request, staff, form)
        wanted = form.value
        do = {
            "called": by_hand.mark_called,
            "undo": by_hand.undo_called,
            "retry": by_hand.try_again,
        }[wanted.action]
        try:
            await delivery.transact(lambda tx: do(tx, staff, wanted.message))
        except DomainError as error:
            form.fail(error)
            return await show(request, staff, form)
        query = f"?{request.url.query}" if request.url.query else ""
        place = {"called": "#called", "undo": "#calls", "retry": "#failed"}[wanted.action]
        return RedirectResponse(f"/staff/messages{query}{place}", status_code=303)

    return routes
