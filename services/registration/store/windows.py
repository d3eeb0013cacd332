"""Reading the first few of many by a date."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.delivery import Reading
from shared.mongo import Document

NARROWEST = timedelta(hours=1)
WIDER = 4

LONGER_FIRST = (64, 16, 4, 1)
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
) -> list[Document]:
    """The first documents by a date in [start, end): at least `n`, or all. With `newest`, the last ones.

    It looks at an hour, then at four, then at sixteen, until it has found enough. A store that finds all, sorts
    and only then cuts, as the embedded one does, so reads about as much as is asked for, and not all there is.
    """
    found: list[Document] = []
    width = NARROWEST
    while start < end and len(found) < n:
        width = min(width, end - start)
        low, high = (end - width, end) if newest else (start, start + width)
        between = {field: {"$gte": low, "$lt": high}}
        found += await at.db[rows].find({**query, **between}, session=at.session).to_list(None)
        start, end = (start, low) if newest else (high, end)
        width *= WIDER
    return sorted(found, key=lambda row: (row[field], row["_id"]), reverse=newest)
