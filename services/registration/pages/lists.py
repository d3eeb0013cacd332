"""Lists of people as files, in and out, and where registrations came from, for staff."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from motesplats_events import Source
from services.registration import store
from services.registration.domain.columns import Column, column_of
from services.registration.domain.programmes import Programme
from services.registration.settings import Settings
from services.registration.use_cases import importing, listing
from services.registration.use_cases.referring import Unit, token_for
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.sheets import CSV, XLSX, Table, csv_of, read_table, xlsx_of
from shared.text import Line
from shared.web import (
    Form,
    Pages,
    Says,
    TakingIn,
    carried,
    download,
    import_page,
    language,
    looked_at,
    msg,
    read_form,
    read_query,
    uploaded,
)

SignedIn = Annotated[Staff, Depends(staff)]


class Linking(BaseModel):
    """A link for a unit that shows people the way."""

    source: Annotated[Source, Says(missing=msg("Choose who shows people the way"))] = Field(alias="from")
    unit: Annotated[Line, Says(missing=msg("Write what the unit is called"))]


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff/programmes/{programme_id}."""
    routes = APIRouter(prefix="/staff/programmes/{programme_id}", include_in_schema=False)
    reading = delivery.reading

    async def mine(programme_id: str, staff: Staff) -> Programme:
        programme = await store.programme(reading, programme_id)
        may(staff, programme)
        return programme

    @routes.get("/import")
    async def ask(request: Request, programme_id: str, staff: SignedIn) -> Response:
        return import_page(pages, request, Form(), programme=await mine(programme_id, staff))

    @routes.post("/import")
    async def look(request: Request, programme_id: str, staff: SignedIn) -> Response:
        programme = await mine(programme_id, staff)
        form: Form[TakingIn] = Form()
        if content := await uploaded(request, form):
            return await look_page(request, programme, form, content)
        return import_page(pages, request, form, programme=programme)

    async def look_page(request: Request, programme: Programme, form: Form[TakingIn], content: bytes) -> Response:
        async def would_become(table: Table[Column]) -> Sequence[importing.Result]:
            rows = importing.read_rows(table)
            return await importing.look(reading, programme, rows, settings.zone, delivery.clock.now())

        found, unread = await looked_at(content, form, column_of, would_become)
        return import_page(pages, request, form, found, unread=unread, programme=programme)

    @routes.post("/import/run")
    async def take_in(request: Request, programme_id: str, staff: SignedIn) -> Response:
        programme = await mine(programme_id, staff)
        form = await read_form(request, TakingIn)
        content = carried(form)
        if form.value is None or not content:
            return await look_page(request, programme, form, content)
        found: Sequence[importing.Result] = ()
        try:
            rows = importing.read_rows(read_table(content, column_of))
            found = await importing.take_in(delivery, programme_id, rows, staff, settings.zone)
        except DomainError as error:
            form.fail(error)
        return import_page(pages, request, form, found, done=True, programme=programme)

    @routes.get("/list.csv")
    async def as_csv(request: Request, programme_id: str, staff: SignedIn) -> Response:
        await mine(programme_id, staff)
        return download(csv_of(await listing.rows_of(reading, programme_id, language(request))), CSV, "list.csv")

    @routes.get("/list.xlsx")
    async def as_xlsx(request: Request, programme_id: str, staff: SignedIn) -> Response:
        await mine(programme_id, staff)
        return download(xlsx_of(await listing.rows_of(reading, programme_id, language(request))), XLSX, "list.xlsx")

    @routes.get("/referrals")
    async def referrals(request: Request, programme_id: str, staff: SignedIn) -> Response:
        programme = await mine(programme_id, staff)
        form = read_query(request, Linking) if request.query_params.get("unit") is not None else Form[Linking]()
        link = ""
        if form.value is not None:
            unit = Unit(form.value.source, form.value.unit)
            by = token_for(settings, programme_id, unit, delivery.clock.now())
            link = f"{settings.public_url}/programmes/{programme_id}?{urlencode({'by': by})}"
        return pages.render(
            request,
            "staff/referrals.html",
            programme=programme,
            form=form,
            link=link,
            referrals=await listing.referrals(reading, programme_id),
        )

    return routes
