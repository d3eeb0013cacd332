"""The staff's page that asks: does this offer have enough volunteers?"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from services.volunteers.settings import Settings
from services.volunteers.use_cases import sufficiency as use_cases
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import Invalid
from shared.web import Form, Pages, Says, msg, read_form, read_query

SignedIn = Annotated[Staff, Depends(staff)]
SUFFICIENCY = "/staff/volunteers/sufficiency"
ON_A_PAGE = 100


class Shown(BaseModel):
    """Which page of the offers to show."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1


class OfferForm(BaseModel):
    """One row of the page; not answered when nothing is chosen."""

    programme_id: str
    enough: Literal["yes", "no"] | None = None


class SufficiencyForm(BaseModel):
    """The rows of the page, answered for one day."""

    answered_on: Annotated[date, Says(missing=msg("Write a date"))]
    offers: list[OfferForm] = []

    def answers(self) -> list[use_cases.Answer]:
        """Those that were answered."""
        return [
            use_cases.Answer(programme_id=one.programme_id, enough=one.enough == "yes", answered_on=self.answered_on)
            for one in self.offers
            if one.enough
        ]


def sent_rows(form: Form[SufficiencyForm], offers: Sequence[use_cases.Offer]) -> Sequence[tuple[int, use_cases.Offer]]:
    """The rows that were sent, each with its number: an answer stays with its offer, wherever that is listed now."""
    by_id = {offer.programme.programme_id: offer for offer in offers}
    sent = [(n, form.text(f"offers-{n}-programme_id")) for n in form.rows("offers")]
    return [(n, by_id[id]) for n, id in sent if id in by_id]


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The page /sufficiency."""
    routes = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    rules, zone = settings.rules, settings.zone

    def asked(request: Request) -> int:
        return (read_query(request, Shown).value or Shown()).page

    async def page(request: Request, staff: Staff, form: Form[SufficiencyForm], saved: str = "") -> Response:
        found = await use_cases.offers(reading, staff, now(), zone)
        last = max(1, -(-len(found) // ON_A_PAGE))
        number = min(asked(request), last)
        some = found[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
        return pages.render(
            request,
            "staff/sufficiency.html",
            rows=sent_rows(form, found) or list(enumerate(some)),
            page=number,
            last=last,
            stale=sum(one.stale for one in found),
            form=form,
            saved=int(saved) if saved.isascii() and saved.isdigit() else None,
        )

    @routes.get("/sufficiency")
    async def show(request: Request, staff: SignedIn, saved: Annotated[str, Query(max_length=4)] = "") -> Response:
        return await page(request, staff, Form.of({"answered_on": rules.day(now()).isoformat()}), saved)

    @routes.post("/sufficiency")
    async def answer(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, SufficiencyForm)
        if form.value is not None and not form.value.answers():
            form.problem("", msg("Choose yes or no for at least one offer"))
        if form.value is not None:
            answers = form.value.answers()
            try:
                changed = await delivery.transact(
                    lambda tx: use_cases.answer_sufficiency(tx, answers, staff, zone), key=SUFFICIENCY
                )
                return RedirectResponse(f"{SUFFICIENCY}?page={asked(request)}&saved={changed}", status_code=303)
            except Invalid as error:
                # One day for all rows: what is wrong with it is said once, and names no row.
                for problem in error.problems:
                    form.problem("answered_on", problem.message, **problem.values)
        return await page(request, staff, form)

    return routes
