"""A report for a spreadsheet: CSV as Excel opens it in the reader's language, and XLSX.

Swedish and Danish Excel want semicolons between columns and a comma in numbers; English wants commas and a point. The
byte order mark tells Excel that the text is UTF-8. Numbers are numbers, unrounded of thousands; a share is 0.7 in CSV
and formatted as 70 % in XLSX. What is not shown on the page is empty here.

Text that a spreadsheet could take for a formula is made plain text: names of places and units are typed by people.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO, StringIO
from typing import TypeAlias

import xlsxwriter

from services.evaluation.domain.measures.periods import Period
from services.evaluation.domain.reports import Definition, Report
from services.evaluation.domain.reports.report import DECIMALS, Kind, Table
from services.evaluation.pages.reports.words import Words
from shared.web.language import msg

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

DELIMITERS = {"sv": ";", "da": ";", "en": ","}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
FORMATS = {Kind.COUNT: "#,##0", Kind.MEAN: "0.0", Kind.SHARE: "0%", Kind.CHANGE: "+0%;-0%;0%"}
LONGEST_SHEET_NAME = 31
NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))

FIGURES = msg("Figures")
HEADINGS = (msg("Figure"), msg("Value"), msg("n"), msg("Of"), msg("Low"), msg("High"), msg("How it is counted"))
NOT_SHOWN = msg("An empty cell is a number that is too small to show, or none.")

Cell: TypeAlias = str | tuple[float, Kind] | None
"""Text, or a number with its kind."""


def as_csv(asked: Definition, report: Report, period: Period, words: Words) -> bytes:
    """The whole report in one file, a blank line between its tables."""
    out = StringIO()
    writer = csv.writer(out, delimiter=DELIMITERS[words.lang], lineterminator="\r\n")
    for _, title, rows in _parts(asked, report, period, words):
        writer.writerow([_plain(title)])
        for row in rows:
            writer.writerow([_in_csv(cell, words) for cell in row])
        writer.writerow([])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(asked: Definition, report: Report, period: Period, words: Words) -> bytes:
    """The same as a workbook, a sheet for each table."""
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True})
        formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}
        for number, (name, title, rows) in enumerate(_parts(asked, report, period, words), 1):
            sheet = book.add_worksheet(_sheet_name(number, name))
            sheet.set_column(0, 0, 45)
            sheet.set_column(1, 12, 14)
            sheet.write_string(0, 0, title, bold)
            for r, row in enumerate(rows, 1):
                for c, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(r, c, cell, bold if r == 1 else None)
                    elif cell is not None:
                        sheet.write_number(r, c, cell[0], formats[cell[1]])
    return out.getvalue()


Writer: TypeAlias = Callable[[Definition, Report, Period, Words], bytes]

WRITERS: Mapping[str, Writer] = {"csv": as_csv, "xlsx": as_xlsx}


def _parts(
    asked: Definition, report: Report, period: Period, words: Words
) -> Iterator[tuple[str, str, Sequence[Sequence[Cell]]]]:
    """Name, title and rows of the figures and of each table; the first row is the heading."""
    title = f"{words.message(asked.title)}, {period.since.isoformat()} – {period.until.isoformat()}"
    figures: list[Sequence[Cell]] = [[words.message(heading) for heading in HEADINGS]]
    for measure in report.measures:
        value = measure.number.value
        low, high = measure.interval or (None, None)
        figures.append(
            [
                words.message(measure.name),
                None if value is None else (value, measure.number.kind),
                None if measure.n is None else (measure.n, Kind.COUNT),
                words.text(measure.base) if measure.base else None,
                None if low is None else (low, Kind.SHARE),
                None if high is None else (high, Kind.SHARE),
                words.message(measure.definition),
            ]
        )
    said = [[words.text(note)] for note in (*report.headline, *report.notes, *report.about_tables)]
    yield words.message(FIGURES), title, [*figures, [], *said, [words.message(NOT_SHOWN)]]
    for table in report.tables:
        yield words.message(table.title), words.message(table.title), _rows(table, words)


def _rows(table: Table, words: Words) -> Sequence[Sequence[Cell]]:
    rows: list[Sequence[Cell]] = [
        [words.message(table.heading), *(words.text(column.label) for column in table.columns)]
    ]
    for row in table.rows:
        numbers = zip(row.cells, table.columns, strict=True)
        cells = [None if value is None else (value, column.kind) for value, column in numbers]
        rows.append([words.text(row.label), *cells])
    return rows


def _in_csv(cell: Cell, words: Words) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _plain(cell)
    value, kind = cell
    text = f"{value:.{DECIMALS.get(kind, 0)}f}"
    return text if words.lang == "en" else text.replace(".", ",")


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _sheet_name(number: int, title: str) -> str:
    """A name that Excel takes: no longer than 31 characters, none of them special, no two alike."""
    name = str(number)
    for word in title.translate(NOT_IN_NAMES).split():
        if len(name) + 1 + len(word) > LONGEST_SHEET_NAME:
            break
        name = f"{name} {word}"
    return name
