"""What staff see of results, and what they make of them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from motesplats_events import SurveyKind
from services.evaluation.domain.instruments import COURSE_WHOLE, LECTURE_VALUE
from services.evaluation.domain.posters import QuoteStatus, Texts, read_texts
from services.evaluation.domain.results import for_staff
from services.evaluation.domain.surveys import Programme
from services.evaluation.settings import Settings
from services.evaluation.store import posters, programmes, surveys
from services.evaluation.use_cases import results
from shared.access import Staff, may, scope, staff
from shared.delivery import Delivery
from shared.errors import DomainError, NotFound
from shared.web import Form, Pages, read_form

SignedIn = Annotated[Staff, Depends(staff)]


class TextsForm(BaseModel):
    """The poster's words, one line each."""

    aims: str = ""
    how: str = ""
    next: str = ""


class Decision(BaseModel):
    """What a button beside a quote sends."""

    status: QuoteStatus


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under `/staff/results`."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading

    async def own(programme_id: str, staff: Staff) -> Programme:
        about = await results.programme(reading, programme_id)
        may(staff, about)
        return about

    @routes.get("/staff/results")
    async def overview(request: Request, staff: SignedIn) -> Response:
        rows = []
        for programme in await programmes.programmes(reading, scope(staff)):
            its_surveys = await surveys.surveys(reading, programme.programme_id)
            rows.append(
                {
                    "programme": programme,
                    "held": len(await programmes.held_sessions(reading, programme.programme_id)),
                    "open": sum(survey.is_open for survey in its_surveys),
                    "surveys": len(its_surveys),
                    "published": await posters.published(reading, programme.programme_id),
                }
            )
        return pages.render(request, "staff/results.html", rows=rows)

    async def show(request: Request, about: Programme, form: Form[TextsForm]) -> Response:
        evidence = await results.evidence(reading, about)
        published = await posters.published(reading, about.programme_id)
        draft = await results.draft(reading, about, settings) if evidence.everything_is_in else None
        return pages.render(
            request,
            "staff/programme_results.html",
            about=about,
            view=for_staff(evidence, settings.staff_threshold, settings.public_threshold),
            evidence=evidence,
            themes={session.session_id: session for session in evidence.held},
            invited=evidence.invited_to(SurveyKind.COURSE),
            published=published,
            changed=published is not None and draft is not None and draft != published.poster,
            lecture=LECTURE_VALUE.question,
            course=COURSE_WHOLE.question,
            staff_threshold=settings.staff_threshold,
            public_threshold=settings.public_threshold,
            form=form,
        )

    @routes.get("/staff/results/{programme_id}")
    async def programme_results(request: Request, programme_id: str, staff: SignedIn) -> Response:
        about = await own(programme_id, staff)
        texts = await posters.texts(reading, programme_id)
        return await show(request, about, _as_typed(texts))

    @routes.post("/staff/results/{programme_id}")
    async def write(request: Request, programme_id: str, staff: SignedIn) -> Response:
        about = await own(programme_id, staff)
        form = await read_form(request, TextsForm)
        if form.value is not None:
            try:
                texts = read_texts([form.value.aims], [form.value.how], [form.value.next])
                await delivery.transact(lambda tx: results.write_texts(tx, programme_id, texts), key=programme_id)
                return RedirectResponse(f"/staff/results/{programme_id}#poster", status_code=303)
            except DomainError as error:
                form.fail(error)
        return await show(request, about, form)

    @routes.post("/staff/results/{programme_id}/quotes/{quote_id}")
    async def decide(request: Request, programme_id: str, quote_id: str, staff: SignedIn) -> Response:
        await own(programme_id, staff)
        found, _ = await results.quote(reading, quote_id)
        form = await read_form(request, Decision)
        if found.programme_id != programme_id or form.value is None:
            raise NotFound("There is no such quote")
        status = form.value.status
        await delivery.transact(lambda tx: results.decide_quote(tx, quote_id, status, settings.public_threshold))
        return RedirectResponse(f"/staff/results/{programme_id}#quotes", status_code=303)

    @routes.post("/staff/results/{programme_id}/publish")
    async def publish(programme_id: str, staff: SignedIn) -> Response:
        await own(programme_id, staff)
        await delivery.transact(lambda tx: results.publish(tx, programme_id, settings), key=programme_id)
        return RedirectResponse(f"/staff/results/{programme_id}", status_code=303)

    return routes


def _as_typed(texts: Texts) -> Form[TextsForm]:
    return Form.of({name: "\n".join(lines) for name, lines in texts})
