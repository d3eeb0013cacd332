"""Reading by lists of values and by date windows finds what a plain look at every document finds."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from services.registration.store.windows import all_of, first
from shared.delivery import Reading
from tests.registration.conftest import Running

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 40
END = START + timedelta(days=DAYS)
LISTS: tuple[dict[str, list[str]], ...] = (
    {},
    {"organiser": ["o1"]},
    {"organiser": ["o1", "o2", "o1"]},
    {"organiser": ["o1", "o2", "o3"], "area": ["m1", "m2"]},
    {"organiser": ["o1"], "area": ["m1", "m2", "m3"]},
    {"organiser": ["o1", "o2"], "area": []},
    {"area": ["nowhere"]},
)


def is_even(document: dict[str, Any]) -> bool:
    return bool(document["_id"] % 2 == 0)


async def test_what_lists_and_windows_find_is_what_is_there(service: Running) -> None:
    chance = random.Random(3)
    at = Reading(service.delivery.db)
    documents = [
        {
            "_id": n,
            "organiser": f"o{chance.randrange(4)}",
            "area": f"m{chance.randrange(4)}",
            "at": START + timedelta(hours=16 * chance.randrange(60)),
            "open": chance.random() < 0.5,
        }
        for n in range(200)
    ]
    await at.db.looked_for.create_index("at")
    await at.db.looked_for.insert_many(documents)
    for lists in LISTS:
        query: dict[str, Any] = {field: {"$in": values} for field, values in lists.items()} | {"open": True}
        there = [d for d in documents if d["open"] and all(d[field] in values for field, values in lists.items())]
        found = await all_of(at, "looked_for", query)
        assert sorted(d["_id"] for d in found) == sorted(d["_id"] for d in there)
        for newest in (False, True):
            in_order = sorted(there, key=lambda d: (d["at"], d["_id"]), reverse=newest)
            for n in (1, 7, 1_000):
                # The last once more, with the place remembered.
                for most_at_end, quiet in ((False, 0), (False, 9), (False, 10_000), (True, 9), (True, 9)):
                    where: dict[str, Any] = {"newest": newest, "most_at_end": most_at_end}
                    where["quiet"] = timedelta(hours=quiet)
                    some = await first(at, "looked_for", query, "at", START, END, n, **where)
                    assert [d["_id"] for d in some] == [d["_id"] for d in in_order[:n]]
                    later = await first(at, "looked_for", query, "at", START, END, n, **where, keep=is_even)
                    assert [d["_id"] for d in later] == [d["_id"] for d in in_order if is_even(d)][:n]


async def test_where_the_first_lay_is_remembered_and_may_be_wrong_by_now(service: Running) -> None:
    at = Reading(service.delivery.db)
    there = {n: END - timedelta(hours=n) for n in (1, 2, 30, 31, 32)}
    await at.db.of_late.insert_many([{"_id": n, "at": when} for n, when in there.items()])

    async def oldest(n: int) -> list[Any]:
        found = await first(at, "of_late", {}, "at", START, END, n, most_at_end=True)
        return [row["_id"] for row in found]

    assert await oldest(2) == [32, 31]
    await at.db.of_late.insert_one({"_id": 700, "at": END - timedelta(hours=700)})
    assert await oldest(2) == [700, 32], "an older one"
    await at.db.of_late.delete_many({"_id": {"$in": [700, 32, 31, 30]}})
    assert await oldest(2) == [2, 1], "none any more where the first lay"
    await at.db.of_late.delete_many({})
    assert await oldest(2) == []
    await at.db.of_late.insert_one({"_id": 3, "at": START})
    assert await oldest(2) == [3]


async def test_the_parts_of_a_time_end_where_it_does_and_nothing_is_found_in_a_time_that_is_none(
    service: Running,
) -> None:
    at = Reading(service.delivery.db)
    last = datetime.max.replace(microsecond=0, tzinfo=UTC) - timedelta(hours=1)
    await at.db.calls.insert_many([{"_id": n, "at": when, "by": "o1"} for n, when in enumerate((START, END, last))])
    many = {"by": {"$in": [f"o{n}" for n in range(40)]}}
    end = last + timedelta(minutes=30)
    for newest in (False, True):
        found = await first(at, "calls", many, "at", START, end, 5, newest=newest)
        assert [row["_id"] for row in found] == ([2, 1, 0] if newest else [0, 1, 2])
        for most_at_end in (False, True):
            assert not await first(at, "calls", {}, "at", end, START, 5, newest=newest, most_at_end=most_at_end)
            assert not await first(at, "calls", {}, "at", END, END, 5, newest=newest, most_at_end=most_at_end)
