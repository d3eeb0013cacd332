"""Reports as JSON: the measures with their base, and the tables."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.evaluation.domain.measures.periods import Period, period
from services.evaluation.domain.reports import GROUPS, Definition, definition
from services.evaluation.domain.reports.report import Kind, Label, Said, Table
from services.evaluation.settings import Settings
from services.evaluation.use_cases import reports
from services.evaluation.use_cases.reports import Made
from shared.access import Staff, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class ReportRef(BaseModel):
    """A report that can be asked for."""

    report: str
    group: str
    title: str
    about: str


class MeasureOut(BaseModel):
    """One measure.

    Attributes:
        value: None where there are too few people behind it, or none.
        n: how many are in the base, where there is one.
        low, high: a 95 % interval, where there is one answer per person.
    """

    code: str
    name: str
    kind: Kind
    value: float | None
    n: int | None
    low: float | None
    high: float | None
    definition: str


class ColumnOut(BaseModel):
    """A column of a table."""

    label: str
    kind: Kind


class RowOut(BaseModel):
    """A row of a table; None where a number is not shown."""

    label: str
    cells: Sequence[float | None]


class TableOut(BaseModel):
    """A table."""

    code: str
    title: str
    heading: str
    columns: list[ColumnOut]
    rows: list[RowOut]


class ReportOut(BaseModel):
    """A report.

    Attributes:
        so_far: the period asked for goes on after `until`, which is today.
        uncounted: how many offers and volunteers have news that is not in the figures yet.
    """

    report: str
    title: str
    since: date
    until: date
    so_far: bool
    measures: list[MeasureOut]
    tables: list[TableOut]
    uncounted: int


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /api/evaluation/reports."""
    api = APIRouter(prefix="/api/evaluation/reports", tags=["evaluation"])

    @api.get("")
    async def reports_there_are(staff: SignedIn) -> list[ReportRef]:
        """Every report."""
        return [
            ReportRef(report=report.code, group=group.title, title=report.title, about=report.about)
            for group in GROUPS
            for report in group.reports
        ]

    @api.get("/{report}")
    async def report(
        report: str,
        staff: SignedIn,
        since: Annotated[date | None, Query(alias="from")] = None,
        until: Annotated[date | None, Query(alias="to")] = None,
        at: date | None = None,
    ) -> ReportOut:
        """A report on a period of at least four weeks, or on the year up to a date; without any, up to today."""
        asked = definition(report)
        today = delivery.clock.now().astimezone(settings.zone).date()
        days = period(since, until, at, today)
        made = await reports.make(delivery.reading, asked, days, staff, settings.staff_threshold)
        return _out(asked, days, made)

    return api


def _out(asked: Definition, days: Period, made: Made) -> ReportOut:
    measures = []
    for measure in made.report.measures:
        low, high = measure.interval or (None, None)
        measures.append(
            MeasureOut(
                code=measure.code,
                name=measure.name,
                kind=measure.number.kind,
                value=measure.number.value,
                n=measure.n,
                low=low,
                high=high,
                definition=measure.definition,
            )
        )
    return ReportOut(
        report=asked.code,
        title=asked.title,
        since=days.since,
        until=days.until,
        so_far=days.so_far,
        measures=measures,
        tables=[_table(table) for table in made.report.tables],
        uncounted=made.uncounted,
    )


def _table(table: Table) -> TableOut:
    return TableOut(
        code=table.code,
        title=table.title,
        heading=table.heading,
        columns=[ColumnOut(label=_plain(column.label), kind=column.kind) for column in table.columns],
        rows=[RowOut(label=_plain(row.label), cells=row.cells) for row in table.rows],
    )


def _plain(label: Label) -> str:
    """A label for a program: English, a month as `2024-01`."""
    if isinstance(label, Said):
        return label.message.format(**label.values)
    return label if isinstance(label, str) else f"{label:%Y-%m}"
