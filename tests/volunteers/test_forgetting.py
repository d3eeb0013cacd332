"""Who asked for a unit and who applied in vain are forgotten in time; what was asked and done is kept."""

from dateutil.relativedelta import relativedelta

from services.volunteers.use_cases import due
from tests.volunteers.conftest import NOW, World


async def test_who_asked_for_a_unit_is_forgotten_two_years_after_the_day(world: World) -> None:
    id = await world.asked_for()
    wished = (await world.get(f"requests/{id}"))["request"]
    assert wished["contact_name"] and wished["email"]
    world.time(NOW + relativedelta(months=24))
    await due.once(world.delivery, world.settings)
    assert (await world.get(f"requests/{id}"))["request"]["email"] == wished["email"], "the day is not two years ago"
    world.time(NOW + relativedelta(months=30))
    await due.once(world.delivery, world.settings)
    kept = (await world.get(f"requests/{id}"))["request"]
    assert (kept["contact_name"], kept["email"], kept["phone"], kept["note"]) == ("", None, None, "")
    assert (kept["unit"], kept["theme"]) == (wished["unit"], wished["theme"])
    page = (await world.http.get(f"/staff/volunteers/requests/{id}", headers=world.staff)).text
    assert wished["email"] not in page


async def test_an_application_that_nobody_answered_is_deleted_and_a_volunteer_is_not(world: World) -> None:
    enrolled = await world.enrol()
    person = {"name": "Astrid", "email": "astrid@example.org", "roles": ["host"], "municipality": "Eksjö"}
    applied = await world.post("applications", {**person, "consent": True})
    assert applied.status_code < 300, applied.text
    world.time(NOW + relativedelta(months=23))
    await due.once(world.delivery, world.settings)
    assert await world.delivery.db.volunteers.count_documents({"name": "Astrid"}) == 1
    world.time(NOW + relativedelta(months=25))
    await due.once(world.delivery, world.settings)
    assert await world.delivery.db.volunteers.count_documents({"name": "Astrid"}) == 0
    assert await world.delivery.db.volunteers.count_documents({"_id": enrolled}) == 1
