"""Tables as files: CSV and XLSX, read with care and written so that no cell is taken for a formula."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import openpyxl

from shared.errors import DomainError, Problem

C = TypeVar("C")

MOST_BYTES = 180 * 1024
MOST_ROWS = 1000
MOST_COLUMNS = 40
LONGEST_CELL = 4000
MOST_UNPACKED = 20 * 1024 * 1024
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a column is called in English, Swedish and Danish, and by others.
NAME = ("Name", "Namn", "Navn")
ALSO_NAME = ("full name", "för- och efternamn", "for- og efternavn")
EMAIL = ("E-mail", "E-post", "E-mail")
ALSO_EMAIL = ("mail", "email", "e-mail address", "epost", "e-postadress", "e-mailadresse")
PHONE = ("Phone", "Telefon", "Telefon")
ALSO_PHONE = ("mobile", "telephone", "mobil", "mobilnummer", "telefonnummer", "tlf")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class NotASheet(DomainError):
    """A file that is no table, or a larger one than is taken."""

    code = "not-a-sheet"


def read_sheet(content: bytes) -> list[list[str]]:
    """The rows of a CSV file (comma, semicolon or tab; UTF-8 or Windows-1252) or of an XLSX file's first sheet.

    Formulas are not evaluated: of an XLSX file the values that were last saved are read.

    Raises:
        NotASheet.
    """
    if len(content) > MOST_BYTES:
        raise NotASheet("The file is too large; at most {most} kilobytes", field="file", most=MOST_BYTES // 1024)
    rows = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    if len(rows) > MOST_ROWS + 1:
        raise NotASheet("The file has too many rows; at most {most}. Divide it", field="file", most=MOST_ROWS)
    for number, row in enumerate(rows, 1):
        if any(len(cell) > LONGEST_CELL for cell in row[:MOST_COLUMNS]):
            raise NotASheet(
                "A cell in row {row} has more than {most} characters. Shorten it",
                field="file",
                row=number,
                most=LONGEST_CELL,
            )
    return [[_unguarded(cell.strip()) for cell in row[:MOST_COLUMNS]] for row in rows]


@dataclass(frozen=True, slots=True)
class Table(Generic[C]):
    """A sheet whose first row names its columns.

    Attributes:
        columns: those of the file that we take.
        rows: what stands in them, by the row's number in a spreadsheet: the first after the headers is 2. Empty cells
            and rows are left out.
        unread: the columns that are not read, or not always, each as a warning: what stands there would be lost unseen.
    """

    columns: Collection[C]
    rows: Mapping[int, Mapping[C, str]]
    unread: Sequence[Problem]


def read_table(content: bytes, column_of: Callable[[str], C | None]) -> Table[C]:
    """The rows of a file by column.

    Args:
        column_of: which column a header means; None for one that is not taken.

    Raises:
        NotASheet.
    """
    lines = read_sheet(content)
    headers = lines[0] if lines else []
    columns = [column_of(header) for header in headers]
    rows = {}
    for number, line in enumerate(lines[1:], 2):
        cells: dict[C, str] = {}
        for column, cell in zip(columns, line, strict=False):
            if column is not None and cell:
                cells.setdefault(column, cell)
        if cells:
            rows[number] = cells
    first: dict[C, str] = {}
    unread = []
    for header, column in zip(headers, columns, strict=True):
        if column is None and header:
            unread.append(Problem(header, "This column is not read. Rename it if it holds something that is needed"))
        elif column in first:
            same: dict[str, object] = {"other": first[column]}
            unread.append(Problem(header, "Read only where {other} is empty: both mean the same", same))
        elif column is not None:
            first[column] = header
    return Table(first, rows, unread)


def csv_of(rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file as spreadsheets in the Nordic countries open it: semicolons, and a mark that it is UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([_guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(rows: Iterable[Sequence[str]]) -> bytes:
    """An XLSX file with one sheet."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([_guarded(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _guarded(cell: str) -> str:
    clean = _CONTROL.sub(" ", cell)
    return f"'{clean}" if clean.startswith(FORMULA) else clean


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _csv(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel in the Nordic countries writes when it is not told otherwise.
        text = content.decode("cp1252", errors="replace")
    text = text.replace("\x00", "")
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [row for row, _ in zip(found, range(MOST_ROWS + 2), strict=False)]
    except csv.Error:
        raise _unreadable() from None


def _xlsx(content: bytes) -> list[list[str]]:
    # The reader raises whatever it meets first in a damaged file.
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise _unreadable()
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        cells = sheet.iter_rows(max_row=MOST_ROWS + 2, values_only=True)
        return [[_text(value) for value in row[:MOST_COLUMNS]] for row in cells]
    except Exception:
        raise _unreadable() from None


def _unreadable() -> NotASheet:
    return NotASheet("We could not read the file. Save it as CSV or XLSX, and try once more", field="file")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
