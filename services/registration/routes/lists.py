"""Lists of people as files, in and out, and where registrations came from."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from motesplats_events import Source
from services.registration import store
from services.registration.domain.columns import column_of
from services.registration.domain.programmes import Programme
from services.registration.settings import Settings
from services.registration.use_cases import importing, listing
from shared.access import Staff, may, staff
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


class ReferralOut(BaseModel):
    """How many registrations came by a source and a unit, and how many of them are active."""

    source: Source
    unit: str
    registrations: int
    active: int


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """Routes under /programmes/{programme_id}."""
    api = APIRouter(prefix="/programmes/{programme_id}")
    reading = delivery.reading

    async def mine(programme_id: str, staff: Staff) -> Programme:
        programme = await store.programme(reading, programme_id)
        may(staff, programme)
        return programme

    @api.post("/import", openapi_extra=FILE)
    async def take_in(request: Request, programme_id: str, staff: SignedIn, dry_run: bool = True) -> ImportOut:
        """Register the people in a CSV or XLSX file, row by row; with `dry_run` only say what would happen.

        The columns are name, role, one of e-mail, phone and address, and companion, language, source, unit, and
        protected (yes or no).
        """
        programme = await mine(programme_id, staff)
        table = read_table(await request.body(), column_of)
        rows = importing.read_rows(table)
        if dry_run:
            found = await importing.look(reading, programme, rows, settings.zone, delivery.clock.now())
        else:
            found = await importing.take_in(delivery, programme_id, rows, staff, settings.zone)
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
    async def as_csv(request: Request, programme_id: str, staff: SignedIn) -> Response:
        """Who is registered, without protected identities."""
        await mine(programme_id, staff)
        return Response(csv_of(await listing.rows_of(reading, programme_id, language(request))), media_type=CSV)

    @api.get("/list.xlsx", response_class=Response)
    async def as_xlsx(request: Request, programme_id: str, staff: SignedIn) -> Response:
        """The same as a spreadsheet."""
        await mine(programme_id, staff)
        return Response(xlsx_of(await listing.rows_of(reading, programme_id, language(request))), media_type=XLSX)

    @api.get("/referrals")
    async def referrals(programme_id: str, staff: SignedIn) -> list[ReferralOut]:
        """Where registrations came from, by source and unit, the most first."""
        await mine(programme_id, staff)
        return [
            ReferralOut(source=r.source, unit=r.unit, registrations=r.registrations, active=r.active)
            for r in await listing.referrals(reading, programme_id)
        ]

    return api
