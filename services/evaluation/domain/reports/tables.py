"""Tables that several reports have."""

from collections.abc import Mapping, Sequence
from datetime import date

from services.evaluation.domain.instruments import msg
from services.evaluation.domain.measures.small_numbers import PeopleIn, Shown, enough, in_year, together
from services.evaluation.domain.reports.asked import Asked
from services.evaluation.domain.reports.report import Column, Drawn, Label, Row, Said, Table, say
from services.evaluation.domain.reports.words import between

OTHERS = msg("The others together")
ALL = msg("All together")
SUPPRESSED = msg(
    "A number of fewer than {n} people is not shown. Such rows are counted together where they are many enough."
)
RUNNING = msg(
    "Of {year} the months that are over are counted. A row changes only when {n} people or more have come or gone."
)


def people_by_year(
    asked: Asked,
    code: str,
    title: str,
    heading: str,
    rows: Mapping[str, Label],
    people: PeopleIn,
    *,
    add_up: bool = True,
) -> Table:
    """How many people each row has in each calendar year, drawn row by row; one without a number to show is left out.

    Args:
        rows: what they are called.
        add_up: nobody is in two rows of a year. Then the rest and the whole are shown too.
    """
    cells: dict[str, list[int | None]] = {row: [] for row in rows}
    others: list[int | None] = []
    whole: list[int | None] = []
    for year in asked.period.years:
        numbers = in_year(list(rows), year, asked.period, asked.threshold, people)
        shown = together(numbers, asked.threshold)
        for row, n in numbers.items():
            cells[row].append(shown.rows[row] if add_up else enough(n, asked.threshold))
        rest, total = _rest_and_whole(asked, year, list(rows), people, shown)
        others.append(rest)
        whole.append(total)
    found = [Row(rows[row], numbers) for row, numbers in cells.items() if any(numbers)]
    if add_up and any(others):
        found.append(Row(say(OTHERS), others))
    if add_up and any(whole) and len(rows) > 1:
        found.append(Row(say(ALL), whole, sums=True))
    columns = [Column(str(year)) for year in asked.period.years]
    drawn = Drawn.ROWS if len(columns) > 1 else Drawn.BARS
    return Table(code, title, heading, columns, found, drawn, suppresses=True, notes=_notes(asked))


def people_each_year(asked: Asked, code: str, title: str, column: Said, people: PeopleIn) -> Table:
    """How many people there were in each calendar year, drawn as columns."""
    numbers = [in_year([""], year, asked.period, asked.threshold, people)[""] for year in asked.period.years]
    shown = [enough(n, asked.threshold) for n in numbers]
    rows = [Row(str(year), [n]) for year, n in zip(asked.period.years, shown, strict=True)] if any(shown) else []
    return Table(code, title, msg("Year"), [Column(column)], rows, Drawn.COLUMNS, suppresses=True, notes=_notes(asked))


def people_in_classes(asked: Asked, code: str, title: str, heading: str, spread: Mapping[str, int]) -> Table:
    """How many people are in each class, drawn as bars."""
    shown = together(spread, asked.threshold)
    found = [Row(between(name), [n]) for name, n in shown.rows.items() if n is not None]
    if shown.others is not None:
        found.append(Row(say(OTHERS), [shown.others]))
    notes = [say(SUPPRESSED, n=asked.threshold)]
    return Table(code, title, heading, [Column(say(msg("People")))], found, Drawn.BARS, suppresses=True, notes=notes)


def _rest_and_whole(
    asked: Asked, year: int, rows: Sequence[str], people: PeopleIn, shown: Shown
) -> tuple[int | None, int | None]:
    """What the rows leave over, and all together; of a running year also those whom the rows keep back."""

    def all_of_them(_: str, since: date, until: date) -> int:
        return sum(people(row, since, until) for row in rows)

    total = in_year([""], year, asked.period, asked.threshold, all_of_them)[""]
    if asked.period.is_exact(year):
        return shown.others, enough(total, asked.threshold)
    left = total - sum(n for n in shown.rows.values() if n)
    if 0 < left < asked.threshold:
        return None, None
    return enough(left, asked.threshold), enough(total, asked.threshold)


def _notes(asked: Asked) -> Sequence[Said]:
    found = [say(SUPPRESSED, n=asked.threshold)]
    if not asked.period.ends_its_year:
        found.append(say(RUNNING, year=str(asked.period.until.year), n=asked.threshold))
    return found
