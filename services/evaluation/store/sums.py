"""The sums that reports read, and what each offer and volunteer adds to them.

A book and place is one document, by month. Beside it is a document for each month by day, which is read only where a
period begins or ends inside the month. Houses and peers are kept by day, a document for each year, since there weeks
and people have to be told apart. So a report reads a few documents for each municipality.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from services.evaluation.domain.measures.periods import month_end
from services.evaluation.domain.measures.sums import Book, Cell, Cells, Sums
from shared.delivery import Reading, Transaction
from shared.mongo import Document, UpdateOne

BY_DAY = {Book.HOUSES, Book.PEERS}

OFFER = "offer"
VOLUNTEER = "volunteer"


async def note_news(tx: Transaction, kind: str, ids: Iterable[str]) -> None:
    """Remember that there is news of offers or volunteers, to be counted when its turn comes."""
    # Counted up, not only set: who counts them at this moment conflicts, and looks again.
    once_more = {"$inc": {"times": 1}}
    rows = [UpdateOne({"_id": f"{kind}:{id}"}, once_more, upsert=True) for id in sorted(set(ids))]
    if rows:
        await tx.db.news.bulk_write(rows, session=tx.session)


async def news(at: Reading, most: int) -> list[tuple[str, str]]:
    """Some offers and volunteers of which there is news: the kind, and the id."""
    found = []
    async for row in at.db.news.find({}, {"_id": 1}, limit=most, session=at.session):
        kind, _, id = row["_id"].partition(":")
        found.append((kind, id))
    return found


async def uncounted(at: Reading) -> int:
    """Of how many offers and volunteers there is news that is not in the sums yet."""
    return await at.db.news.count_documents({}, session=at.session)


async def take_news(tx: Transaction, kind: str, id: str) -> bool:
    """Take the news of one; False where somebody else has."""
    return await tx.db.news.find_one_and_delete({"_id": f"{kind}:{id}"}, session=tx.session) is not None


async def everything(at: Reading) -> list[tuple[str, str]]:
    """Every offer and volunteer that is known or has been counted: the kind, and the id."""
    found = {(OFFER, row["_id"]) async for row in at.db.programmes.find({}, {"_id": 1}, session=at.session)}
    found |= {(VOLUNTEER, row["_id"]) async for row in at.db.volunteers.find({}, {"_id": 1}, session=at.session)}
    async for row in at.db.counted.find({}, {"_id": 1}, session=at.session):
        kind, _, id = row["_id"].partition(":")
        found.add((kind, id))
    return sorted(found)


async def version(at: Reading) -> int:
    """By which version of counting the sums were made; 0 before there were any."""
    row = await at.db.counting.find_one({"_id": "version"}, session=at.session)
    return row["version"] if row else 0


async def save_version(tx: Transaction, version: int) -> None:
    """Note by which version of counting the sums are made from now on."""
    await tx.db.counting.update_one({"_id": "version"}, {"$set": {"version": version}}, upsert=True, session=tx.session)


async def added(at: Reading, kind: str, id: str) -> Cells:
    """What an offer or a volunteer has added to the sums."""
    row = await at.db.counted.find_one({"_id": f"{kind}:{id}"}, session=at.session)
    cells: Cells = Counter()
    for book, organiser, municipality, series, day, n in row["cells"] if row else ():
        cells[Cell(Book(book), organiser, municipality, series, date.fromisoformat(day))] = n
    return cells


async def save_added(tx: Transaction, kind: str, id: str, cells: Cells) -> None:
    """Note what an offer or a volunteer adds from now on."""
    rows = [
        [c.book.value, c.organiser, c.municipality, c.series, c.day.isoformat(), n] for c, n in sorted(cells.items())
    ]
    await tx.db.counted.update_one({"_id": f"{kind}:{id}"}, {"$set": {"cells": rows}}, upsert=True, session=tx.session)


async def add(tx: Transaction, cells: Cells) -> None:
    """Add to the sums."""
    sums: dict[tuple[str, ...], dict[str, int]] = {}
    days: dict[tuple[str, ...], dict[str, int]] = {}
    for cell, n in cells.items():
        where = cell.book.value, cell.organiser, cell.municipality
        year, month, day = cell.day.isoformat().split("-")
        series = f"counts.{_packed(cell.series)}"
        if cell.book in BY_DAY:
            _add(sums, (*where, year), f"{series}.{month}{day}", n)
        else:
            _add(sums, (*where, ""), f"{series}.{year}{month}", n)
            _add(days, (*where, f"{year}{month}"), f"{series}.{day}", n)
    for collection, changes in ((tx.db.sums, sums), (tx.db.day_sums, days)):
        rows = [_update(where, paths) for where, paths in sorted(changes.items()) if any(paths.values())]
        if rows:
            await collection.bulk_write(rows, session=tx.session)


async def sums(at: Reading, book: Book, scope: Document, years: Iterable[int], cuts: Iterable[date]) -> Sums:
    """The sums of a book within a scope.

    Args:
        years: those that are read of a book that is kept by day; of the others all are.
        cuts: the last days up to which sums will be asked for, besides ends of months: for their months the days
            are read, for others all that happened in a month stands on its first day.
    """
    spans = [f"{year:04}" for year in years] if book in BY_DAY else [""]
    inside = set() if book in BY_DAY else {day.replace(day=1) for day in cuts if day != month_end(day)}
    found: dict[str, dict[str, dict[date, int]]] = {}
    within = {"book": book.value, **scope}
    async for row in at.db.sums.find({**within, "span": {"$in": spans}}, session=at.session):
        _collect(found, row, inside)
    if inside:
        spans = [f"{month:%Y%m}" for month in sorted(inside)]
        async for row in at.db.day_sums.find({**within, "span": {"$in": spans}}, session=at.session):
            _collect(found, row, ())
    return Sums(found)


def _collect(found: dict[str, dict[str, dict[date, int]]], row: dict[str, Any], without: Collection[date]) -> None:
    by_series = found.setdefault(row["municipality"], {})
    for packed, days in row["counts"].items():
        series = by_series.setdefault(_unpacked(packed), {})
        for key, n in days.items():
            day = _date(row["span"] + key)
            if n and day not in without:
                series[day] = series.get(day, 0) + n


@lru_cache(maxsize=10_000)
def _date(digits: str) -> date:
    """A day from `20240131`; the first of the month from `202401`."""
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:] or 1))


def _add(changes: dict[tuple[str, ...], dict[str, int]], where: tuple[str, ...], path: str, n: int) -> None:
    paths = changes.setdefault(where, {})
    paths[path] = paths.get(path, 0) + n


def _update(where: Sequence[str], paths: dict[str, int]) -> UpdateOne:
    book, organiser, municipality, span = where
    fresh = {"book": book, "organiser": organiser, "municipality": municipality, "span": span}
    change = {"$inc": {path: n for path, n in paths.items() if n}, "$setOnInsert": fresh}
    return UpdateOne({"_id": json.dumps(where, ensure_ascii=False)}, change, upsert=True)


def _packed(series: str) -> str:
    """A name as the store takes it: names of units and houses hold anything."""
    return series.replace("%", "%25").replace(".", "%2E").replace("$", "%24").replace("\0", "")


@lru_cache(maxsize=10_000)
def _unpacked(packed: str) -> str:
    return packed.replace("%24", "$").replace("%2E", ".").replace("%25", "%")
