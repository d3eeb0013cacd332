"""The questions behind a one-time link."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from motesplats_events import SurveyKind
from services.evaluation.domain.instruments import Value
from services.evaluation.domain.surveys import LinkIsSpent, LinkNotKnownYet, SurveyHasClosed
from services.evaluation.use_cases import answering
from services.evaluation.use_cases.answering import Asked
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, read_form


class LectureForm(BaseModel):
    """What the page about a session sends."""

    lecture: str | None = None


class CourseForm(BaseModel):
    """What the page about a course sends."""

    course: int | None = None
    comment: str | None = None
    quote_consent: str | None = None


def router(delivery: Delivery, pages: Pages) -> APIRouter:
    """Pages behind `/surveys/{token}`."""
    routes = APIRouter(include_in_schema=False)

    # Where an answer leads: an address without the link, so that nothing is sent again on reload.
    @routes.get("/surveys/thank-you")
    async def thank_you(request: Request) -> Response:
        return pages.render(request, "thank_you.html", public=True)

    def show(request: Request, asked: Asked, form: Form[LectureForm] | Form[CourseForm]) -> Response:
        return pages.render(request, "survey.html", asked=asked, question=asked.survey.asks.question, form=form)

    def explain(request: Request, error: DomainError, typed: str = "") -> Response:
        """Say kindly why the link does not work, and give back what was written."""
        return pages.render(request, "link.html", status=error.status, code=error.code, typed=typed)

    @routes.get("/surveys/{token}")
    async def questions(request: Request, token: str) -> Response:
        try:
            asked = await answering.open_link(delivery.reading, token, delivery.clock.now())
        except (LinkIsSpent, SurveyHasClosed, LinkNotKnownYet) as error:
            return explain(request, error)
        return show(request, asked, Form())

    @routes.post("/surveys/{token}")
    async def answer(request: Request, token: str) -> Response:
        form: Form[LectureForm] | Form[CourseForm] = Form()
        try:
            asked = await answering.open_link(delivery.reading, token, delivery.clock.now())
            about_course = asked.survey.kind is SurveyKind.COURSE
            form = await read_form(request, CourseForm) if about_course else await read_form(request, LectureForm)
            if form.value is not None:
                await _send(delivery, token, form.value)
                return RedirectResponse("/surveys/thank-you", status_code=303)
        except (LinkIsSpent, SurveyHasClosed, LinkNotKnownYet) as error:
            sent = await request.form(max_files=0)
            return explain(request, error, typed=str(sent.get("comment", "")))
        except DomainError as error:
            form.fail(error)
        return show(request, asked, form)

    return routes


async def _send(delivery: Delivery, token: str, sent: LectureForm | CourseForm) -> None:
    given: dict[str, Value] = {}
    if isinstance(sent, LectureForm):
        if sent.lecture is not None:
            given["lecture"] = sent.lecture
        await answering.answer(delivery, token, given, None, None)
    else:
        if sent.course is not None:
            given["course"] = sent.course
        await answering.answer(delivery, token, given, sent.comment, sent.quote_consent)
