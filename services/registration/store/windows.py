"""Reading the first few of many by a date, and what lists of values find."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.delivery import Reading
from shared.mongo import Document

NARROWEST = timedelta(hours=1)
WIDER = 4

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
    keep: Callable[[Document], bool] | None = None,
) -> list[Document]:
    """The first documents by a date in [start, end): at least `n`, or all. With `newest`, the last ones.

    Args:
        keep: what else must be so of a document; looked at here, where a store with several indexes to choose from
            would take one that is bounded by half a condition, and not by the date.

    It looks at an hour, then at four, then at sixteen, until it has found enough. A store that finds all, sorts
    and only then cuts, as the embedded one does, so reads about as much as is asked for, and not all there is.
    """
    found: list[Document] = []
    # Many questions for an hour each would cost more than what they find.
    width = NARROWEST * max(1, len(_one_by_one(query)[0]))
    while start < end and len(found) < n:
        width = min(width, end - start)
        low, high = (end - width, end) if newest else (start, start + width)
        between = {field: {"$gte": low, "$lt": high}}
        found += [row for row in await all_of(at, rows, {**query, **between}) if keep is None or keep(row)]
        start, end = (start, low) if newest else (high, end)
        width *= WIDER
    return sorted(found, key=lambda row: (row[field], row["_id"]), reverse=newest)


async def all_of(at: Reading, rows: str, query: Mapping[str, Any]) -> list[Document]:
    """All documents that a query finds in which some fields may be one of several values (`$in`).

    The embedded store finds each of several values by whatever bound stands behind them in an index: a list costs it
    as much as having no index. So the values of the shortest list are asked for one by one, most often one organiser's,
    and the others looked at here; they are of fields at the top of a document, and `$in` is all that is said of them.
    """
    questions, others = _one_by_one(query)
    found: list[Document] = []
    for question in questions:
        answer = at.db[rows].find(question, session=at.session)
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
