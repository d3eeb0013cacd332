"""A table as a file: looked at first, carried by the page until it is taken in, answered row by row; and given out.

Nothing of a file is kept in between. On the form it is the hidden field `content`.
"""

import binascii
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from shared.errors import DomainError, Problem
from shared.sheets import MOST_BYTES, MOST_ROWS, Table, read_table
from shared.web.errors import translator
from shared.web.forms import Form, Ticked
from shared.web.language import msg
from shared.web.pages import Pages
from shared.web.wording import Says

C = TypeVar("C")
R = TypeVar("R")


FILE_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}
"""What OpenAPI says of a route that takes a file as it is."""


class TakingIn(BaseModel):
    """The file that was looked at, and that the people in it know of this."""

    content: str = ""
    consent: Annotated[Ticked, Says(missing=msg("Tick the box when the people in the file have agreed"))]


async def uploaded(request: Request, form: Form[Any]) -> bytes:
    """The file of a form's field `file`, noted on `form` to be carried along; empty, with a problem, without one."""
    sent = (await request.form(max_files=1, max_fields=10)).get("file")
    content = b"" if sent is None or isinstance(sent, str) else await sent.read()
    if content:
        form.values["content"] = [b64encode(content).decode()]
    else:
        form.problem("file", msg("Choose a file"))
    return content


def carried(form: Form[Any]) -> bytes:
    """The file that the page carried along, empty where it was spoiled on the way."""
    try:
        return b64decode(form.text("content"), validate=True)
    except (binascii.Error, ValueError):
        return b""


async def looked_at(
    content: bytes,
    form: Form[Any],
    column_of: Callable[[str], C | None],
    look: Callable[[Table[C]], Awaitable[Sequence[R]]],
) -> tuple[Sequence[R], Sequence[Problem]]:
    """What would become of each row of a file, and its columns that are not read; what is wrong is noted on `form`."""
    found: Sequence[R] = ()
    unread: Sequence[Problem] = ()
    try:
        table = read_table(content, column_of)
        unread = table.unread
        found = await look(table)
        if not found:
            form.problem("file", msg("There is nobody in the file"))
    except DomainError as error:
        form.fail(error)
    return found, unread


class Row(Protocol):
    """A row of a file, as a service has read it."""

    @property
    def number(self) -> int: ...
    @property
    def problems(self) -> Sequence[Problem]: ...
    @property
    def notes(self) -> Sequence[Problem]: ...


class Result(Protocol):
    """What becomes of a row, as a service has found."""

    @property
    def row(self) -> Row: ...
    @property
    def outcome(self) -> StrEnum: ...


def import_page(
    pages: Pages,
    request: Request,
    form: Form[TakingIn],
    found: Sequence[Result] = (),
    *,
    done: bool = False,
    unread: Sequence[Problem] = (),
    **more: Any,
) -> Response:
    """The page `staff/import.html` of a service: a file is chosen, or what became of its rows, or would."""
    return pages.render(
        request,
        "staff/import.html",
        form=form,
        found=found,
        counts=Counter(one.outcome.value for one in found),
        done=done,
        unread=unread,
        kilobytes=MOST_BYTES // 1024,
        most=MOST_ROWS,
        **more,
    )


class ProblemOut(BaseModel):
    """What is wrong or left out in a column of a row, and how to mend it."""

    column: str
    problem: str


class RowOut(BaseModel):
    """What becomes of a row; the first after the headers is 2. `notes` name what is left out of it."""

    row: int
    outcome: str
    problems: list[ProblemOut]
    notes: list[ProblemOut]


class ImportOut(BaseModel):
    """What became of each row, or with `dry_run` would.

    Attributes:
        warnings: columns of the file that are not read.
    """

    dry_run: bool
    warnings: list[ProblemOut]
    counts: dict[str, int]
    rows: list[RowOut]


def import_out(request: Request, found: Sequence[Result], unread: Sequence[Problem], dry_run: bool) -> ImportOut:
    """What the API answers to a file, in the language of the request."""
    say = translator(request).say

    def said(problems: Sequence[Problem]) -> list[ProblemOut]:
        return [ProblemOut(column=one.field, problem=say(one.message, **one.values)) for one in problems]

    return ImportOut(
        dry_run=dry_run,
        warnings=said(unread),
        counts=Counter(one.outcome.value for one in found),
        rows=[
            RowOut(
                row=one.row.number,
                outcome=one.outcome.value,
                problems=said(one.row.problems),
                notes=said(one.row.notes),
            )
            for one in found
        ],
    )


def download(content: bytes, kind: str, name: str) -> Response:
    """A file to keep."""
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
