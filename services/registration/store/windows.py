"""Reading the first few of many by a date, and what lists of values find."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.delivery import Reading
from shared.mongo import Document

NARROWEST = timedelta(hours=1)
NO_TIME = timedelta()
WIDER = 3
MORE, MANY_MORE = 4, 16
ALL = 0

MOST_REMEMBERED = 1_000
_first_lay: dict[tuple[str, str, str, str], datetime] = {}
"""Where the first document that a question found lay when it was last asked, by this process."""

LONGER_FIRST = (64, 16, 8, 4, 2, 1)
"""From how many on to look first, for the most of something: few have much, and many have little."""


async def first(
    at: Reading,
    rows: str,
    query: Mapping[str, Any],
    field: str,
    start: datetime,
    end: datetime,
    n: int,
    *,
    newest: bool = False,
    most_at_end: bool = False,
    quiet: timedelta = NO_TIME,
    keep: Callable[[Document], bool] | None = None,
) -> list[Document]:
    """The first `n` documents by a date in [start, end), or as many as there are. With `newest`, the last ones.

    Args:
        most_at_end: whether the first, too, lie close to the end most often. Where the first lay is remembered and the
            next look begins there; where that is wrong by then, more is read. Not for `newest`.
        quiet: how long there is hardly anything from the start on, as at night: looked at in one part.
        keep: what else must be so of a document; looked at here, where a store with several indexes to choose from
            would take one that is bounded by half a condition, and not by the date.

    It looks at parts of the time until it has found enough: of an hour where they lie close together, then three,
    then nine. A store that finds all, sorts and only then cuts, as the embedded one does, so reads about as much as is
    asked for, and not all there is.
    """
    direction, end = -1 if newest else 1, max(start, end)
    questions, others = _one_by_one(query)
    found: list[Document] = []
    # Many questions for an hour each would cost more than what they find.
    narrowest = NARROWEST * max(1, len(questions))
    key = (at.db.name, rows, repr(query), field)
    lay = _first_lay.get(key) if most_at_end else None
    if newest:
        parts = _wider_and_wider(end, start, narrowest)
    elif most_at_end and lay is None:
        parts = _wider_and_wider(end, start, narrowest)[::-1]
    else:
        begin = min(max(start, lay) if lay else start + quiet, end)
        parts = [*([(start, begin)] if start < begin else []), *_wider_and_wider(begin, end, narrowest)]
    for low, high in parts:
        missing = n - len(found)
        if missing <= 0:
            break
        for question in questions:
            between = {**question, field: {"$gte": low, "$lt": high}}
            found += await _first_that_fit(at, rows, between, (field, direction), missing, others, keep)
    found = sorted(found, key=lambda row: (row[field], row["_id"]), reverse=newest)[:n]
    if most_at_end and found and not newest:
        if len(_first_lay) >= MOST_REMEMBERED:
            _first_lay.clear()
        _first_lay[key] = found[0][field]
    return found


async def _first_that_fit(
    at: Reading,
    rows: str,
    question: Mapping[str, Any],
    order: tuple[str, int],
    n: int,
    others: Mapping[str, Collection[Any]],
    keep: Callable[[Document], bool] | None,
) -> list[Document]:
    """The first `n` in an order. Where not all that are found fit, several times more are asked for, then all."""
    field, direction = order
    exact = not others and keep is None
    # Most fit what is kept. Of the values in a list, such as the areas that somebody sees, there are many others.
    for most in (n,) if exact else (n * (MANY_MORE if others else MORE), ALL):
        answer = at.db[rows].find(question, session=at.session).sort([(field, direction), ("_id", direction)])
        found = await answer.limit(most).to_list(None)
        fitting = [row for row in found if _fits(row, others) and (keep is None or keep(row))]
        if len(fitting) >= n or len(found) < most:
            break
    return fitting[:n]


def _wider_and_wider(near: datetime, far: datetime, width: timedelta) -> list[tuple[datetime, datetime]]:
    """The time between two moments in parts, the narrowest where it is near."""
    parts = []
    while near != far:
        # Cut before it is added: the last year of the calendar has no time after it.
        after = near + min(width, far - near) if near < far else near - min(width, near - far)
        parts.append((min(near, after), max(near, after)))
        near, width = after, width * WIDER
    return parts


async def all_of(at: Reading, rows: str, query: Mapping[str, Any], *, fields: Sequence[str] = ()) -> list[Document]:
    """All documents that a query finds in which some fields may be one of several values (`$in`).

    The embedded store finds each of several values by whatever bound stands behind them in an index: a list costs it
    as much as having no index. So the values of the shortest list are asked for one by one, most often one organiser's,
    and the others looked at here; they are of fields at the top of a document, and `$in` is all that is said of them.

    Args:
        fields: what is needed of each; nothing for the whole document.
    """
    questions, others = _one_by_one(query)
    wanted = [*fields, *others] if fields else None
    found: list[Document] = []
    for question in questions:
        found += [row async for row in at.db[rows].find(question, wanted, session=at.session) if _fits(row, others)]
    return found


def _fits(row: Document, others: Mapping[str, Collection[Any]]) -> bool:
    return all(row[field] in seen for field, seen in others.items())


def _one_by_one(query: Mapping[str, Any]) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Collection[Any]]]:
    """A query for each value of its shortest list, and by field the values of its other lists."""
    lists = {field: wanted["$in"] for field, wanted in query.items() if isinstance(wanted, dict) and "$in" in wanted}
    plain = {field: wanted for field, wanted in query.items() if field not in lists}
    if not lists:
        return [plain], {}
    shortest = min(lists, key=lambda field: len(lists[field]))
    others = {field: set(seen) for field, seen in lists.items() if field != shortest}
    return [{**plain, shortest: value} for value in dict.fromkeys(lists[shortest])], others
