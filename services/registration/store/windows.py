"""Reading the first few of many by a date, and what lists of values find."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.delivery import Reading
from shared.mongo import Document

NARROWEST = timedelta(hours=1)
WIDER = 3

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
    most_at_end: bool | None = None,
    keep: Callable[[Document], bool] | None = None,
) -> list[Document]:
    """The first `n` documents by a date in [start, end), or as many as there are. With `newest`, the last ones.

    Args:
        most_at_end: whether they lie close together towards the end, and not at the start; None: where the first are.
        keep: what else must be so of a document; looked at here, where a store with several indexes to choose from
            would take one that is bounded by half a condition, and not by the date.

    It looks at parts of the time until it has found enough: of an hour where they lie close together, then three,
    then nine. A store that finds all, sorts and only then cuts, as the embedded one does, so reads about as much as is
    asked for, and not all there is.
    """
    found: list[Document] = []
    # Many questions for an hour each would cost more than what they find.
    narrowest = NARROWEST * max(1, len(_one_by_one(query)[0]))
    for low, high in _parts(start, end, narrowest, newest, newest if most_at_end is None else most_at_end):
        if len(found) >= n:
            break
        order = (field, -1 if newest else 1, n - len(found)) if keep is None else None
        between = {field: {"$gte": low, "$lt": high}}
        found += [row for row in await all_of(at, rows, {**query, **between}, order) if keep is None or keep(row)]
    return sorted(found, key=lambda row: (row[field], row["_id"]), reverse=newest)[:n]


def _parts(
    start: datetime, end: datetime, width: timedelta, newest: bool, most_at_end: bool
) -> Sequence[tuple[datetime, datetime]]:
    """A time in parts, in the order in which they are looked at: the narrowest where most lie."""
    parts = []
    while start < end:
        width = min(width, end - start)
        if most_at_end:
            parts.append((end - width, end))
            end -= width
        else:
            parts.append((start, start + width))
            start += width
        width *= WIDER
    return parts if newest is most_at_end else parts[::-1]


async def all_of(
    at: Reading,
    rows: str,
    query: Mapping[str, Any],
    order: tuple[str, int, int] | None = None,
    fields: Sequence[str] = (),
) -> list[Document]:
    """All documents that a query finds in which some fields may be one of several values (`$in`).

    The embedded store finds each of several values by whatever bound stands behind them in an index: a list costs it
    as much as having no index. So the values of the shortest list are asked for one by one, most often one organiser's,
    and the others looked at here; they are of fields at the top of a document, and `$in` is all that is said of them.

    Args:
        order: a field, its direction and how many are needed, where not all are: those, and perhaps others.
        fields: what is needed of each; nothing for the whole document.
    """
    questions, others = _one_by_one(query)
    wanted = [*fields, *others] if fields else None
    found: list[Document] = []
    for question in questions:
        answer = at.db[rows].find(question, wanted, session=at.session)
        if order and not others:
            field, direction, n = order
            answer = answer.sort([(field, direction), ("_id", direction)]).limit(n)
        found += [row async for row in answer if all(row[field] in seen for field, seen in others.items())]
    return found


def _one_by_one(query: Mapping[str, Any]) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Collection[Any]]]:
    """A query for each value of its shortest list, and by field the values of its other lists."""
    lists = {field: wanted["$in"] for field, wanted in query.items() if isinstance(wanted, dict) and "$in" in wanted}
    plain = {field: wanted for field, wanted in query.items() if field not in lists}
    if not lists:
        return [plain], {}
    shortest = min(lists, key=lambda field: len(lists[field]))
    others = {field: set(seen) for field, seen in lists.items() if field != shortest}
    return [{**plain, shortest: value} for value in dict.fromkeys(lists[shortest])], others
