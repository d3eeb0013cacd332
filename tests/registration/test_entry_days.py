"""Groups that take in new members on agreed days only."""

from datetime import date, datetime, timedelta
from typing import Any

from tests.registration.conftest import Running

API = "/api/registration"
WISH = {"kind": "mens_group", "municipality": "Tranås", "role": "patient", "consent": True}


async def group(
    service: Running, *entries: int, sessions: tuple[int, ...] = (2, 30, 60), **more: Any
) -> dict[str, Any]:
    """A group with entry days and sessions so many days ahead."""
    now = service.delivery.clock.now()
    return await service.plan(
        relative=0,
        kind="mens_group",
        facilitators_needed=0,
        entries=[day(service, ahead).isoformat() for ahead in entries],
        sessions=[{"at": (now + timedelta(days=ahead)).isoformat(), "theme": f"In {ahead} days"} for ahead in sessions],
        **more,
    )


def day(service: Running, ahead: int) -> date:
    return (service.delivery.clock.now().astimezone(service.settings.zone) + timedelta(days=ahead)).date()


async def wishes(service: Running, name: str) -> None:
    await service.http.post(f"{API}/wishes", json=WISH | {"name": name, "email": f"{name.casefold()}@example.org"})


async def test_who_wishes_for_a_group_is_not_offered_a_place_after_its_last_entry_day(service: Running) -> None:
    tisdag = await group(service, 1)
    service.later(days=10)
    await wishes(service, "Wilmer")
    await service.register(tisdag, "Nils")
    assert await service.statuses(tisdag) == {"Nils": "waiting"}
    (wish,) = (await service.staff.get(f"{API}/wishes")).json()
    assert wish["offered"] is False


async def test_an_offer_can_be_answered_until_the_last_entry_day_and_leads_to_it(service: Running) -> None:
    tisdag = await group(service, 2, offer_days=10, sessions=(20, 30))
    last = day(service, 2)
    await wishes(service, "Wilmer")
    held = await service.named(tisdag, "Wilmer")
    until = datetime.fromisoformat(held["answer_by"]).astimezone(service.settings.zone)
    assert (until - timedelta(seconds=1)).date() == last
    answer = await service.http.post(
        f"{API}/offers", json={"token": service.link(held["participant_id"]), "accept": True}
    )
    assert answer.json() == {"status": "accepted"}
    assert (await service.named(tisdag, "Wilmer"))["starts_on"] == last.isoformat()


async def test_an_offer_is_not_accepted_where_nobody_can_come_in_any_more(service: Running) -> None:
    tisdag = await group(service, sessions=(2, 30))
    service.later(days=3)
    await wishes(service, "Wilmer")
    held = await service.named(tisdag, "Wilmer")
    last = tisdag["sessions"][1]["session_id"]
    await service.staff.post(f"{API}/sessions/{last}/cancellation", json={})
    answer = await service.http.post(
        f"{API}/offers", json={"token": service.link(held["participant_id"]), "accept": True}
    )
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:motesplats:problem:nothing-offered")
    assert (await service.named(tisdag, "Wilmer"))["starts_on"] is None


async def test_a_new_half_year_brings_its_own_entry_days_and_who_waits_comes_in_on_the_first(service: Running) -> None:
    tisdag = await group(service, 1)
    service.later(days=10)
    await service.register(tisdag, "Nils")
    first = day(service, 190)
    at = (service.delivery.clock.now() + timedelta(days=200)).isoformat()
    body = {"sessions": [{"at": at, "theme": "Autumn"}], "entries": [first.isoformat()]}
    answer = await service.staff.post(f"{API}/programmes/{tisdag['programme_id']}/sessions", json=body)
    assert answer.status_code == 201, answer.text
    nils = await service.named(tisdag, "Nils")
    assert (nils["status"], nils["starts_on"]) == ("confirmed", first.isoformat())


async def test_entry_days_move_along_with_the_dates_of_a_copy(service: Running) -> None:
    tisdag = await group(service, 1, 29)
    later = day(service, 2) + timedelta(days=182)
    answer = await service.staff.get(f"{API}/programmes/{tisdag['programme_id']}/copy", params={"first": str(later)})
    assert answer.json()["entries"] == [str(later - timedelta(days=1)), str(later + timedelta(days=27))]


async def test_the_page_for_a_new_half_year_asks_for_its_entry_days(service: Running) -> None:
    tisdag = await group(service, 1)
    address = f"/staff/programmes/{tisdag['programme_id']}/sessions"
    assert 'name="entries"' in (await service.staff.get(address)).text
    autumn = service.delivery.clock.now().astimezone(service.settings.zone) + timedelta(days=90)
    typed = {"first-date": autumn.date().isoformat(), "first-time": "18:00", "repeat": "second_week", "times": "4"}
    days = [(autumn.date() + timedelta(days=14)).isoformat(), ""]
    added = await service.staff.post(address, data={**typed, "minutes": "120", "theme": "Autumn", "entries": days})
    assert added.status_code == 303, added.text
    shown = (await service.staff.get(f"{API}/programmes/{tisdag['programme_id']}/change")).json()
    assert shown["entries"] == [day(service, 1).isoformat(), days[0]]


async def test_the_page_for_more_dates_of_a_course_does_not_ask_for_entry_days(service: Running) -> None:
    course = await service.plan()
    page = await service.staff.get(f"/staff/programmes/{course['programme_id']}/sessions")
    assert 'name="entries"' not in page.text
