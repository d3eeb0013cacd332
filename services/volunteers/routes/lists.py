"""JSON API: the volunteers as a file, in and out, for staff."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from services.volunteers.domain.columns import column_of
from services.volunteers.settings import Settings
from services.volunteers.use_cases import importing
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.sheets import CSV, XLSX, csv_of, read_table, xlsx_of
from shared.web import FILE_BODY, ImportOut, import_out, language

SignedIn = Annotated[Staff, Depends(staff)]


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """Routes under /volunteers."""
    api = APIRouter(prefix="/volunteers")
    reading = delivery.reading

    @api.post("/import", openapi_extra=FILE_BODY)
    async def take_in(request: Request, staff: SignedIn, dry_run: bool = True) -> ImportOut:
        """Enrol the people in a CSV or XLSX file, row by row; with `dry_run` only say what would happen.

        The columns are name, municipality, does (roles), one of e-mail and phone, and language, speaks, themes, avoids,
        agreement and basic training (dates). The outcome of a row is enrolled, applied (the application is to be
        confirmed instead), known (nothing changes) or wrong.
        """
        table = read_table(await request.body(), column_of)
        rows = importing.read_rows(table)
        if dry_run:
            found = await importing.look(reading, rows, staff, settings.rules, delivery.clock.now())
        else:
            found = await importing.take_in(delivery, rows, staff, settings.rules)
        return import_out(request, found, table.unread, dry_run)

    @api.get("/list.csv", response_class=Response)
    async def as_csv(request: Request, staff: SignedIn) -> Response:
        """The volunteers whom you see, without those who have left."""
        return Response(csv_of(await importing.rows_of(reading, staff, language(request))), media_type=CSV)

    @api.get("/list.xlsx", response_class=Response)
    async def as_xlsx(request: Request, staff: SignedIn) -> Response:
        """The same as a spreadsheet."""
        return Response(xlsx_of(await importing.rows_of(reading, staff, language(request))), media_type=XLSX)

    return api
