"""Reports for staff: a page each, and the same figures for a spreadsheet."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from services.evaluation.domain.measures.periods import Period, period
from services.evaluation.domain.reports import GROUPS, definition
from services.evaluation.pages.reports import sheets
from services.evaluation.pages.reports.words import Words
from services.evaluation.settings import Settings
from services.evaluation.use_cases import reports
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError, NotFound
from shared.web import Form, Pages, read_query
from shared.web.language import language

SignedIn = Annotated[Staff, Depends(staff)]

YEARS_TO_CHOOSE = 5


class PeriodForm(BaseModel):
    """What the page asks for: a period, or the year up to one date."""

    since: date | None = Field(None, alias="from")
    until: date | None = Field(None, alias="to")
    at: date | None = None


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under `/staff/results/reports`."""
    routes = APIRouter(include_in_schema=False)

    def today() -> date:
        return delivery.clock.now().astimezone(settings.zone).date()

    def asked_for(request: Request) -> tuple[Form[PeriodForm], Period | None]:
        form = read_query(request, PeriodForm)
        if form.value is None:
            return form, None
        try:
            found = period(form.value.since, form.value.until, form.value.at, today())
        except DomainError as error:
            form.fail(error)
            return form, None
        return Form.of({"from": found.since, "to": found.until}), found

    async def made(code: str, days: Period, staff: Staff) -> reports.Made:
        return await reports.make(delivery.reading, definition(code), days, staff, settings.staff_threshold)

    @routes.get("/staff/results/reports")
    async def overview(request: Request, staff: SignedIn) -> Response:
        return pages.render(request, "staff/reports.html", groups=GROUPS)

    @routes.get("/staff/results/reports/{code}/{format}")
    async def sheet(request: Request, code: str, format: str, staff: SignedIn) -> Response:
        report, writer = definition(code), sheets.WRITERS.get(format)
        _, days = asked_for(request)
        if writer is None:
            raise NotFound("A report can be had as csv or xlsx")
        if days is None:
            raise NotFound("There is no report for these days")
        words = Words(pages.catalogues[language(request)])
        content = writer(report, (await made(code, days, staff)).report, days, words)
        name = f"{code}-{days.since.isoformat()}-{days.until.isoformat()}.{format}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Language": words.lang}
        return Response(content, media_type=sheets.MEDIA_TYPES[format], headers=headers)

    @routes.get("/staff/results/reports/{code}")
    async def report(request: Request, code: str, staff: SignedIn) -> Response:
        asked = definition(code)
        form, days = asked_for(request)
        found = await made(code, days, staff) if days else None
        return pages.render(
            request,
            "staff/report.html",
            asked=asked,
            address=f"/staff/results/reports/{code}",
            form=form,
            days=days,
            years=[today().year - n for n in range(YEARS_TO_CHOOSE)],
            report=found.report if found else None,
            uncounted=found.uncounted if found else 0,
            words=Words(pages.catalogues[language(request)]),
        )

    return routes
