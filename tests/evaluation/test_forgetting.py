"""Who is forgotten leaves the counts as they were, and no trace of an id that leads to them."""

from datetime import date, timedelta
from functools import partial

from services.evaluation.store import people
from services.evaluation.use_cases.follow.people import look_again
from tests.evaluation.region import FIRST, TODAY, Region, came, forgotten, group, programme, registered, weekly
from tests.overlap import applied_around

AFTER_ALL = people.LONGEST_BESIDE + timedelta(seconds=1)
PEOPLE = [f"person-{n}" for n in range(8)]


async def later(region: Region, by: timedelta) -> None:
    """What the service does by itself some time after somebody was forgotten."""
    async for row in region.delivery.db.forgetting.find({}):
        earlier = {name: row[name] - by for name in ("at", "again")}
        await region.delivery.db.forgetting.update_one({"_id": row["_id"]}, {"$set": earlier})
    await look_again(region.delivery)


async def test_a_forgotten_person_leaves_the_counts_and_takes_the_id(region: Region) -> None:
    await region.hear(*group("p1", PEOPLE[:6]))
    before = await region.figures("mapping", at="2023-12-31")
    await region.hear(forgotten(PEOPLE[0]), forgotten("never heard of"))
    assert await region.figures("mapping", at="2023-12-31") == before
    assert (before["users"], before["stay"]) == (6, None)
    await later(region, AFTER_ALL)
    for name in await region.delivery.db.list_collection_names():
        if name not in {"inbox", "parked"}:
            rows = str(await region.delivery.db[name].find({}).to_list(None))
            assert PEOPLE[0] not in rows.replace(f"{PEOPLE[0]}0", ""), name


async def test_what_comes_late_of_a_forgotten_person_is_not_kept(region: Region) -> None:
    planned = programme("p1", [FIRST])
    await region.hear(planned, forgotten("early"), registered(planned, "early"), came(planned, FIRST, ["early"]))
    assert await region.delivery.db.registrations.count_documents({}) == 0
    assert (await region.delivery.db.attendance.find_one({"_id": f"p1-{FIRST}"})) == {
        "_id": f"p1-{FIRST}",
        "programme_id": "p1",
        "attended": [],
        "sequence": 4,
    }


async def test_a_correction_of_attendance_keeps_the_forgotten_where_they_were(region: Region) -> None:
    await region.hear(*group("p1", PEOPLE[:6]))
    planned = programme("p1", [FIRST])
    await region.hear(forgotten(PEOPLE[0]), came(planned, FIRST, PEOPLE[:7]))
    row = await region.delivery.db.attendance.find_one({"_id": f"p1-{FIRST}"})
    assert row
    assert len(row["attended"]) == 7
    assert PEOPLE[0] not in row["attended"]
    assert (await region.figures("mapping", at="2023-12-31"))["users"] == 7


async def test_an_open_membership_ends_with_being_forgotten(region: Region) -> None:
    planned = programme("p1", weekly(FIRST, 60))
    await region.hear(planned, *((registered(planned, p, starts_on=FIRST), FIRST) for p in PEOPLE[:6]))
    region.today(date(2023, 6, 1))
    await region.hear(forgotten(PEOPLE[0]))
    region.today(TODAY)
    assert (await region.figures("mapping", from_="2023-05-01", to="2023-06-30"))["users"] == 6
    assert (await region.figures("mapping", from_="2023-07-01", to="2023-09-30"))["users"] == 5


async def test_attendance_that_was_known_before_the_registration_holds_no_forgotten_id(region: Region) -> None:
    planned = programme("p1", [FIRST])
    await region.hear(planned, came(planned, FIRST, ["early"]), forgotten("early"), registered(planned, "early"))
    row = await region.delivery.db.attendance.find_one({"_id": f"p1-{FIRST}"})
    assert row
    assert [id.startswith(people.NOBODY) for id in row["attended"]] == [True]


async def test_what_is_told_at_the_moment_of_forgetting_is_forgotten_too(region: Region) -> None:
    planned = programme("p1", [FIRST])
    await region.hear(planned)
    told = [registered(planned, PEOPLE[0]), came(planned, FIRST, PEOPLE[:1])]
    records = [region.record(event) for event in told]

    async def meanwhile() -> None:
        await region.hear(forgotten(PEOPLE[0]))
        await look_again(region.delivery)

    await applied_around(region.delivery, records, meanwhile)
    db = region.delivery.db
    assert await db.registrations.count_documents({"_id": PEOPLE[0]}) == 1, "neither transaction saw the other"
    await later(region, timedelta(seconds=2))
    assert await db.registrations.count_documents({"_id": PEOPLE[0]}) == 0
    assert await db.attendance.count_documents({"attended": PEOPLE[0]}) == 0
    assert await db.forgetting.count_documents({}) == 1
    await later(region, AFTER_ALL)
    assert await db.forgetting.count_documents({}) == 0
    # A replica that had read that it is time, and comes after the other.
    assert await region.delivery.transact(partial(people.forget_again, participant_id=PEOPLE[0])) == set()
    assert await db.forgetting.count_documents({}) == 0
