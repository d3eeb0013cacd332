"""What a report is made of: figures with their base, tables, and words. Who shows it, translates the words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from services.evaluation.domain.figures import rounded


class Kind(StrEnum):
    """How a number is written."""

    COUNT = "count"
    MEAN = "mean"
    SHARE = "share"
    CHANGE = "change"


DECIMALS = {Kind.MEAN: 1, Kind.SHARE: 2, Kind.CHANGE: 2}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it may be shown; None where it may not, or where there is none."""

    kind: Kind
    value: float | None

    @classmethod
    def of(cls, kind: Kind, value: Fraction | float | None) -> "Number":
        """A number, rounded half up from the exact value."""
        if value is None or kind is Kind.COUNT:
            return cls(kind, None if value is None else int(value))
        return cls(kind, rounded(Fraction(value), DECIMALS[kind]))


@dataclass(frozen=True, slots=True)
class Said:
    """A message with what its named places stand for; with `plural` one that depends on a number."""

    message: str
    plural: str | None = None
    n: int = 0
    values: Mapping[str, "Value"] = field(default_factory=dict)


Value: TypeAlias = Number | Said | str | int | date
"""What a named place of a message stands for; text is shown as it is."""

Label: TypeAlias = Said | str | date
"""Words to translate, a name as it is, or a month by its first day."""


def say(message: str, **values: Value) -> Said:
    """A message."""
    return Said(message, values=values)


def count(singular: str, plural: str, n: int, **values: Value) -> Said:
    """A message that depends on a number, which it names `{n}`."""
    return Said(singular, plural, n, values)


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure with its base.

    Attributes:
        code: a stable name for programs.
        name: says which measure is meant.
        n: how many are in the base; None where it has none, or is not shown.
        base: what `n` counts, in words.
        interval: 95 %, as two shares.
        definition: how it is counted.
    """

    code: str
    name: str
    number: Number
    definition: str
    n: int | None = None
    base: Said | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers."""

    label: Label
    kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; None where a number is not shown.

    Attributes:
        sums: it adds up the others, and is not drawn beside them.
    """

    label: Label
    cells: Sequence[float | None]
    sums: bool = False


class Drawn(StrEnum):
    """How a table is drawn.

    Its first column as columns over time, or as a bar in each row; or each row as columns of its own over time.
    """

    COLUMNS = "columns"
    BARS = "bars"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Table:
    """Figures by row.

    Attributes:
        code: a stable name for programs.
        heading: what the rows are.
        suppresses: some of its numbers may be missing because they are small.
        notes: what one has to know to read it.
    """

    code: str
    title: str
    heading: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    drawn: Drawn | None = None
    suppresses: bool = False
    notes: Sequence[Said] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """One report as somebody may see it.

    Attributes:
        headline: the answer in a few sentences.
        measures: every figure that the sentences hold, with its base, and more.
        notes: what one has to know to read them.
    """

    headline: Sequence[Said]
    measures: Sequence[Measure]
    tables: Sequence[Table]
    notes: Sequence[Said] = ()

    @property
    def about_tables(self) -> Sequence[Said]:
        """What one has to know to read the tables, each said once."""
        found: list[Said] = []
        for table in self.tables:
            found += [note for note in table.notes if note not in found]
        return found

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to report on in the period."""
        numbers = [m.number.value for m in self.measures] + [c for t in self.tables for r in t.rows for c in r.cells]
        return not any(numbers)
