"""Sums by day, and what is read from them: the ground that every measure stands on.

What is known of an offer or a volunteer is turned into cells: so much, in this series, on this day. Sums of cells
hold no person, and neither the order nor the number of the news behind them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeAlias

from services.evaluation.domain.measures.periods import SHORTEST


class Book(StrEnum):
    """What sums are about; a report reads one or two books."""

    OFFERS = "offers"
    COMING = "coming"
    HOUSES = "houses"
    VOLUNTEERS = "volunteers"
    WORK = "work"
    PEERS = "peers"


class Cell(NamedTuple):
    """One place to which something is added.

    Attributes:
        organiser: empty for volunteers, since one pool serves all organisers.
    """

    book: Book
    organiser: str
    municipality: str
    series: str
    day: date


Cells: TypeAlias = Counter[Cell]
Series: TypeAlias = Mapping[date, int]
Entry: TypeAlias = tuple[str, date, int]
"""A cell of a book and place that are known: its series and day, and how much is added."""

Spell: TypeAlias = tuple[date, date | None]
"""From one day to another, both among them; None where no end is known."""

_BEGAN, _ENDED, _BACK = ".began", ".ended", ".back."


class Season(NamedTuple):
    """How a state changed in a season of an offer.

    Attributes:
        first, last: its first and last day.
        changes: the state from a day on; the earliest first.
    """

    first: date
    last: date
    changes: Sequence[tuple[date, bool]]


def placed(book: Book, organiser: str, municipality: str, entries: Iterable[Entry]) -> Cells:
    """Entries of one book and place."""
    cells: Cells = Counter()
    for series, day, n in entries:
        cells[Cell(book, organiser, municipality, series, day)] += n
    return cells


def presence(about: str, spells: Iterable[Spell]) -> Iterator[Entry]:
    """What somebody, or an offer, adds by being there: when it began, when it ended, and every absence between.

    An absence of less than four weeks is none: no period is so short that it could fall into it.
    """
    merged = _merged(spells)
    for number, (since, until) in enumerate(merged):
        if number == 0:
            yield f"{about}{_BEGAN}", since, 1
        if until is not None and number + 1 < len(merged):
            yield f"{about}{_BACK}{merged[number + 1][0].isoformat()}", until, 1
        elif until is not None:
            yield f"{about}{_ENDED}", until, 1


def state(about: str, changes: Iterable[tuple[date, bool]], until: date | None) -> Iterator[Entry]:
    """What an offer adds by being in a state that changes, for as long as the offer is there.

    Read with `Tally.present` it counts the offers that are in the state on the period's last day, or were when they
    ended, and that had not ended before the period's first day.

    Args:
        changes: the state from a day on; the earliest first.
        until: the offer's last day, not before the last change; None where none is known.
    """
    now = False
    for day, holds in changes:
        if holds is not now:
            yield f"{about}{_BEGAN}", day, 1 if holds else -1
            now = holds
    if now and until is not None:
        yield f"{about}{_ENDED}", until, 1


def of_a_share(base: str, part: str, season: Season, earlier: Iterable[Season | None]) -> Iterator[Entry]:
    """What a season of an offer adds to a share: to its base from the first change on, to the part while a state holds.

    Seasons of one offer are in it once, with the state of the newest. What is told of a season before it begins or
    after it is over counts on its first or last day.

    Args:
        earlier: the seasons that this one goes on with, the newest first.
    """
    changes = _within(season)
    if not changes:
        return
    yield from presence(base, [(changes[0][0], season.last)])
    yield from state(part, changes, season.last)
    before = next((one for one in earlier if one is not None and one.changes), None)
    if before is not None:
        yield from goes_on(base, before.last, changes[0][0])
        if before.changes[-1][1]:
            yield from goes_on(part, before.last, changes[0][0])


def _within(season: Season) -> list[tuple[date, bool]]:
    return [(min(max(day, season.first), season.last), holds) for day, holds in season.changes]


def goes_on(about: str, left: date, back: date) -> Iterator[Entry]:
    """Make one presence of two that were added apart: the first ended on `left`, the second began on `back`."""
    yield f"{about}{_ENDED}", left, -1
    yield f"{about}{_BEGAN}", back, -1
    if back - left > SHORTEST:
        yield f"{about}{_BACK}{back.isoformat()}", left, 1


def _merged(spells: Iterable[Spell]) -> list[Spell]:
    merged: list[Spell] = []
    for since, until in sorted(spells, key=lambda spell: (spell[0], spell[1] or date.max)):
        if not merged:
            merged.append((since, until))
            continue
        first, last = merged[-1]
        if last is None or since - last <= SHORTEST:
            merged[-1] = (first, None if last is None or until is None else max(last, until))
        else:
            merged.append((since, until))
    return merged


class Tally:
    """Sums by the name of a series and by day.

    Attributes:
        series: by name.
    """

    def __init__(self, series: Mapping[str, Series]) -> None:
        self.series = series

    def up_to(self, name: str, day: date) -> int:
        """The sum of a series up to a day, that day included."""
        return sum(n for when, n in self.series.get(name, {}).items() if when <= day)

    def during(self, name: str, since: date, until: date) -> int:
        """The sum of a series over days, both ends included."""
        return sum(n for when, n in self.series.get(name, {}).items() if since <= when <= until)

    def present(self, about: str, since: date, until: date) -> int:
        """How many were there on at least one of these days.

        All who had begun by the last day, less those who had ended before the first, less those who had gone before
        the first and came back after the last.
        """
        before = since - timedelta(days=1)
        away = sum(
            n for back, gone in self._away.get(about, ()) if back > until for when, n in gone.items() if when < since
        )
        return self.up_to(f"{about}{_BEGAN}", until) - self.up_to(f"{about}{_ENDED}", before) - away

    def names(self, prefix: str) -> list[str]:
        """What stands after a prefix in the names of series that hold anything, in order."""
        return sorted(name[len(prefix) :] for name, days in self.series.items() if name.startswith(prefix) and days)

    def kinds(self, prefix: str) -> list[str]:
        """The same in the names of what is or was present."""
        return [name.removesuffix(_BEGAN) for name in self.names(prefix) if name.endswith(_BEGAN)]

    @cached_property
    def _away(self) -> Mapping[str, Sequence[tuple[date, Series]]]:
        """By whom it is about: the days of return, and how many had gone when."""
        found: dict[str, list[tuple[date, Series]]] = {}
        for name, series in self.series.items():
            about, mark, day = name.rpartition(_BACK)
            if mark:
                found.setdefault(about, []).append((date.fromisoformat(day), series))
        return found


class Sums:
    """The sums of one book that somebody may see.

    Attributes:
        municipalities: by name, in order.
    """

    def __init__(self, by_municipality: Mapping[str, Mapping[str, Series]]) -> None:
        self.municipalities = {name: Tally(series) for name, series in sorted(by_municipality.items())}

    @classmethod
    def of(cls, cells: Cells, book: Book) -> "Sums":
        """The sums of cells."""
        found: dict[str, dict[str, dict[date, int]]] = {}
        for cell, n in cells.items():
            if cell.book is book:
                series = found.setdefault(cell.municipality, {}).setdefault(cell.series, {})
                series[cell.day] = series.get(cell.day, 0) + n
        return cls(found)

    @cached_property
    def whole(self) -> Tally:
        """All municipalities together."""
        found: dict[str, dict[date, int]] = {}
        for tally in self.municipalities.values():
            for name, days in tally.series.items():
                series = found.setdefault(name, {})
                for day, n in days.items():
                    series[day] = series.get(day, 0) + n
        return Tally(found)
