"""Lists of people as files, in and out, and where registrations came from."""

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
from shared.sheets import CSV, XLSX, csv_of, read_table, xlsx_of
from shared.web import FILE_BODY, ImportOut, import_out, language

SignedIn = Annotated[Staff, Depends(staff)]


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

    @api.post("/import", openapi_extra=FILE_BODY)
    async def take_in(request: Request, programme_id: str, staff: SignedIn, dry_run: bool = True) -> ImportOut:
        """Register the people in a CSV or XLSX file, row by row; with `dry_run` only say what would happen.

        The columns are name, role, one of e-mail, phone and address, and companion, language, source, unit, and
        protected (yes or no). The outcome of a row is place, queue, application, known (nothing changes) or wrong.
        """
        programme = await mine(programme_id, staff)
        table = read_table(await request.body(), column_of)
        rows = importing.read_rows(table)
        if dry_run:
            found = await importing.look(reading, programme, rows, settings.zone, delivery.clock.now())
        else:
            found = await importing.take_in(delivery, programme_id, rows, staff, settings.zone)
        return import_out(request, found, table.unread, dry_run)

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
