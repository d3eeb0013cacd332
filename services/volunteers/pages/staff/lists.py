"""The staff's pages: the volunteers as a file, in and out."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from services.volunteers.domain.columns import Column, column_of
from services.volunteers.settings import Settings
from services.volunteers.use_cases import importing
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.sheets import CSV, XLSX, Table, csv_of, read_table, xlsx_of
from shared.web import Form, Pages, TakingIn, carried, download, import_page, language, looked_at, read_form, uploaded

SignedIn = Annotated[Staff, Depends(staff)]


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Taking a list in, and giving it out."""
    routes = APIRouter()
    reading = delivery.reading

    @routes.get("/import")
    async def ask(request: Request, _: SignedIn) -> Response:
        return import_page(pages, request, Form())

    @routes.post("/import")
    async def look(request: Request, staff: SignedIn) -> Response:
        form: Form[TakingIn] = Form()
        if content := await uploaded(request, form):
            return await look_page(request, staff, form, content)
        return import_page(pages, request, form)

    async def look_page(request: Request, staff: Staff, form: Form[TakingIn], content: bytes) -> Response:
        async def would_become(table: Table[Column]) -> Sequence[importing.Result]:
            rows = importing.read_rows(table)
            return await importing.look(reading, rows, staff, settings.rules, delivery.clock.now())

        found, unread = await looked_at(content, form, column_of, would_become)
        return import_page(pages, request, form, found, unread=unread)

    @routes.post("/import/run")
    async def take_in(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, TakingIn)
        content = carried(form)
        if form.value is None or not content:
            return await look_page(request, staff, form, content)
        found: Sequence[importing.Result] = ()
        try:
            rows = importing.read_rows(read_table(content, column_of))
            found = await importing.take_in(delivery, rows, staff, settings.rules)
        except DomainError as error:
            form.fail(error)
        return import_page(pages, request, form, found, done=True)

    @routes.get("/list.csv")
    async def as_csv(request: Request, staff: SignedIn) -> Response:
        return download(csv_of(await importing.rows_of(reading, staff, language(request))), CSV, "volunteers.csv")

    @routes.get("/list.xlsx")
    async def as_xlsx(request: Request, staff: SignedIn) -> Response:
        return download(xlsx_of(await importing.rows_of(reading, staff, language(request))), XLSX, "volunteers.xlsx")

    return routes
