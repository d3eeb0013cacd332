"""What may be shown of a number of people.

A number below the threshold is not shown, and looks the same as none. Two more ways lead to a small number: a total
less the other rows, and the same figure at two dates. The first is closed by `together`, the second by `kept_back`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.evaluation.domain.measures.periods import Period, month_end


def enough(people: int, threshold: int) -> int | None:
    """The number, or None where it is too small to be shown."""
    return people if people >= threshold else None


def kept_back(path: Sequence[int], threshold: int) -> int:
    """What is shown at the end of a path: the newest number that lay a crowd away from the one shown before.

    So what is shown at two dates is the same or differs by at least the threshold.
    """
    shown = 0
    for number in path:
        if abs(number - shown) >= threshold:
            shown = number
    return shown


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows of one column of a table that add up.

    Attributes:
        rows: None where a number is not shown.
        others: those that are not shown, together; None where there are too few of them.
    """

    rows: Mapping[str, int | None]
    others: int | None


def together(rows: Mapping[str, int], threshold: int) -> Shown:
    """Show what is large enough, and the rest as one number.

    Whoever takes the rows shown from the total gets the rest. So the rest is never fewer than the threshold and
    never a single row: the smallest rows that could be shown are counted with it until that holds.
    """
    shown = {name: n for name, n in rows.items() if n >= threshold}
    rest = [n for name, n in rows.items() if name not in shown and n]
    for name in sorted(shown, key=lambda name: (shown[name], name)):
        if not rest or (sum(rest) >= threshold and len(rest) > 1):
            break
        rest.append(shown.pop(name))
    return Shown(
        rows={name: shown.get(name) for name in rows},
        others=enough(sum(rest), threshold) if len(rest) > 1 else None,
    )


class PeopleIn(Protocol):
    """How many people a row of a table stands for, over some days."""

    def __call__(self, row: str, since: date, until: date, /) -> int: ...


def in_year(rows: Sequence[str], year: int, period: Period, threshold: int, people: PeopleIn) -> dict[str, int]:
    """How many people each row has in a calendar year.

    A year that is over is counted exactly. Of the one in which the period ends the months that are over are
    counted, and a row moves by at least the threshold or not at all.
    """
    if period.is_exact(year):
        return {row: people(row, date(year, 1, 1), date(year, 12, 31)) for row in rows}
    ends = [end for month in range(1, 13) if (end := month_end(date(year, month, 1))) <= period.until]
    return {row: kept_back([people(row, date(year, 1, 1), end) for end in ends], threshold) for row in rows}
