"""JSON API: the volunteers as a file, in and out, for staff."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from services.volunteers.domain.columns import column_of
from services.volunteers.settings import Settings
from services.volunteers.use_cases import importing
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import Problem
from shared.sheets import CSV, XLSX, csv_of, read_table, xlsx_of
from shared.web import language

SignedIn = Annotated[Staff, Depends(staff)]
FILE = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}


class ProblemOut(BaseModel):
    """What is wrong or left out in a column of a row, and how to mend it."""

    column: str
    problem: str


class RowOut(BaseModel):
    """What becomes of a row; the first after the headers is 2. `notes` name what is left out of it."""

    row: int
    outcome: importing.Outcome
    problems: list[ProblemOut]
    notes: list[ProblemOut]


class ImportOut(BaseModel):
    """What became of each row, or with `dry_run` would.

    Attributes:
        warnings: columns of the file that are not read.
    """

    dry_run: bool
    warnings: list[ProblemOut]
    counts: dict[importing.Outcome, int]
    rows: list[RowOut]


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """Routes under /volunteers."""
    api = APIRouter(prefix="/volunteers")
    reading = delivery.reading

    @api.post("/import", openapi_extra=FILE)
    async def take_in(request: Request, staff: SignedIn, dry_run: bool = True) -> ImportOut:
        """Enrol the people in a CSV or XLSX file, row by row; with `dry_run` only say what would happen.

        The columns are name, municipality, does (roles), one of e-mail and phone, and language, speaks, themes, avoids,
        agreement and basic training (dates).
        """
        table = read_table(await request.body(), column_of)
        rows = importing.read_rows(table)
        if dry_run:
            found = await importing.look(reading, rows, staff, settings.rules, delivery.clock.now())
        else:
            found = await importing.take_in(delivery, rows, staff, settings.rules)
        say = request.app.state.shared_pages.catalogues[language(request)].say

        def said(problem: Problem) -> ProblemOut:
            return ProblemOut(column=problem.field, problem=say(problem.message, **problem.values))

        return ImportOut(
            dry_run=dry_run,
            warnings=[said(one) for one in table.unread],
            counts=Counter(one.outcome for one in found),
            rows=[
                RowOut(
                    row=one.row.number,
                    outcome=one.outcome,
                    problems=[said(problem) for problem in one.row.problems],
                    notes=[said(note) for note in one.row.notes],
                )
                for one in found
            ],
        )

    @api.get("/list.csv", response_class=Response)
    async def as_csv(request: Request, staff: SignedIn) -> Response:
        """The volunteers whom you see, without those who have left."""
        return Response(csv_of(await importing.rows_of(reading, staff, language(request))), media_type=CSV)

    @api.get("/list.xlsx", response_class=Response)
    async def as_xlsx(request: Request, staff: SignedIn) -> Response:
        """The same as a spreadsheet."""
        return Response(xlsx_of(await importing.rows_of(reading, staff, language(request))), media_type=XLSX)

    return api
