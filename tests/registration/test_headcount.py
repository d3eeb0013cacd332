"""The headcount of a drop-in: whatever is sent twice or out of order counts once."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motesplats_events import Role
from services.registration.domain.headcount import Entry, check_headcount, corrected, counted, summed, taken_back
from services.registration.use_cases import attendance
from shared.access import Staff, StaffRole
from shared.delivery import Delivery
from shared.errors import DomainError
from tests.registration.conftest import Running

# Rules

entries = st.builds(
    Entry,
    entry_id=st.integers(0, 30).map(str),
    hour=st.integers(9, 18),
    role=st.sampled_from(Role),
    number=st.integers(1, 5),
    first_visits=st.integers(0, 1),
)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Entry], set[str], list[tuple[str, Entry]]]:
    """Entries, those of them that are taken back, and all of it in any order and more than once."""
    made = draw(st.lists(entries, max_size=12, unique_by=lambda entry: entry.entry_id))
    back = {entry.entry_id for entry in made if draw(st.booleans())}
    sent = [("count", e) for e in made] + [("take back", e) for e in made if e.entry_id in back]
    again = draw(st.lists(st.sampled_from(sent), max_size=10)) if sent else []
    return made, back, draw(st.permutations(sent + again))


def live(sent: Sequence[tuple[str, Entry]]) -> Sequence[Entry]:
    """What the service has after all of it."""
    known: Sequence[Entry] = ()
    for what, entry in sent:
        known = counted(known, entry) if what == "count" else taken_back(known, entry.entry_id)
    return known


@given(deliveries())
def test_any_order_and_repetition_of_the_same_entries_gives_the_same_sum(
    case: tuple[list[Entry], set[str], list[tuple[str, Entry]]],
) -> None:
    made, back, sent = case
    assert summed(live(sent)) == summed(entry for entry in made if entry.entry_id not in back)


def test_the_property_sees_a_count_that_does_not_know_its_entries() -> None:
    def naive(sent: Sequence[tuple[str, Entry]]) -> int:
        return sum(entry.number if what == "count" else -entry.number for what, entry in sent)

    @given(deliveries())
    def holds(case: tuple[list[Entry], set[str], list[tuple[str, Entry]]]) -> None:
        made, back, sent = case
        assert naive(sent) == sum(entry.number for entry in made if entry.entry_id not in back)

    with pytest.raises(AssertionError):
        holds()


def test_there_are_never_more_first_visits_or_ages_than_visitors() -> None:
    with pytest.raises(DomainError) as first:
        check_headcount(summed([Entry("a", 10, Role.PATIENT, 1, first_visits=2)]))
    with pytest.raises(DomainError) as ages:
        check_headcount(summed([Entry("a", 10, Role.PATIENT, 1, age_bands={"30-49": 2})]))
    with pytest.raises(DomainError) as unknown:
        check_headcount(summed([Entry("a", 10, Role.PATIENT, 1, age_bands={"forty": 1})]))
    assert [error.value.field for error in (first, ages, unknown)] == ["first_visits", "age_bands", "age_bands"]


def test_a_correction_of_what_somebody_has_counted_on_is_refused() -> None:
    known = [Entry("a", 10, Role.PATIENT), Entry("b", 10, Role.PATIENT)]
    with pytest.raises(DomainError, match="has counted"):
        corrected(known, [Entry("c", 10, Role.PATIENT, 3)], seen=1)
    assert summed(corrected(known, [Entry("c", 10, Role.PATIENT, 3)], seen=2)).visitors == 3


# Over HTTP


async def _open_house(service: Running) -> tuple[dict[str, Any], str]:
    house = await service.plan(kind="drop_in", places={})
    service.later(days=21, minutes=10)
    return house, f"/api/registration/sessions/{house['sessions'][0]['session_id']}"


async def test_a_drop_in_is_announced_without_places(service: Running) -> None:
    await _open_house(service)
    (planned,) = await said(service, "programme-planned")
    assert planned["places"] == {}


async def said(service: Running, topic: str) -> list[dict[str, Any]]:
    """What was announced, in order."""
    return [json.loads(row["value"]) for row in await service.announced(topic)]


async def test_a_held_drop_in_is_announced_with_its_visitors_and_again_when_it_is_corrected(service: Running) -> None:
    _, session = await _open_house(service)
    taps = [("a", "patient", True, {"30-49": 1}), ("b", "patient", False, {}), ("c", "relative", False, {})]
    for id, role, first, ages in taps * 2:
        tap = {"entry_id": id, "role": role, "first_visits": int(first), "age_bands": ages}
        assert (await service.staff.post(f"{session}/headcount", json=tap)).status_code == 200
    await service.staff.delete(f"{session}/headcount/b")
    assert (await service.staff.post(f"{session}/hold")).status_code == 200
    assert [(row["visitors"], row["visitors_by_role"]) for row in await said(service, "session-held")] == [
        (2, {"patient": 1, "relative": 1})
    ]
    (detail,) = await said(service, "headcount-recorded")
    assert (detail["first_visits"], detail["age_bands"], sum(detail["by_hour"].values())) == (1, {"30-49": 1}, 2)
    late = {"entry_id": "d", "role": "other", "number": 4}
    await service.staff.post(f"{session}/headcount", json=late)
    whole = {"visitors": [{"hour": 13, "role": "patient", "number": 15}], "first_visits": 3}
    corrected = await service.staff.put(f"{session}/headcount", json=whole)
    assert (corrected.json()["visitors"], corrected.json()["by_hour"]) == (15, {"13": 15})
    rows = await service.announced("session-held")
    assert [(row["sequence"], json.loads(row["value"])["visitors"]) for row in rows] == [(1, 2), (2, 6), (3, 15)]
    assert [row["sequence"] for row in await service.announced("headcount-recorded")] == [1, 2, 3]


async def test_who_counts_and_who_holds_at_the_same_moment_lose_nothing(service: Running) -> None:
    _, session = await _open_house(service)

    async def tap(n: int) -> None:
        answer = await service.staff.post(f"{session}/headcount", json={"entry_id": f"e{n % 12}", "role": "patient"})
        assert answer.status_code == 200, answer.text

    await asyncio.gather(
        *(tap(n) for n in range(12)), service.staff.post(f"{session}/hold"), *(tap(n) for n in range(6))
    )
    found = (await service.staff.get(f"{session}/headcount")).json()
    assert found["visitors"] == 12
    assert (await said(service, "session-held"))[-1]["visitors"] == 12


async def test_two_processes_that_count_at_once_lose_nothing(service: Running) -> None:
    house, session = await _open_house(service)
    other = Delivery("registration", service.settings)
    other.clock.ahead_by = service.delivery.clock.ahead_by
    kim = Staff("Kim", StaffRole.COORDINATOR, ("*",))
    id = house["sessions"][0]["session_id"]

    async def tap(delivery: Delivery, n: int) -> None:
        entry = Entry(f"e{n}", 10, Role.PATIENT)
        # Without the lock of one process: the store alone keeps them apart.
        await delivery.transact(lambda tx: attendance.count_visitors(tx, id, entry, kim))

    await asyncio.gather(*(tap(one, n) for n in range(6) for one in (service.delivery, other)))
    assert (await service.staff.get(f"{session}/headcount")).json()["visitors"] == 6


async def test_visitors_are_not_counted_where_people_register_or_before_the_door_is_open(service: Running) -> None:
    course = await service.plan()
    house = await service.plan(kind="drop_in", places={})
    tap = {"entry_id": "a", "role": "patient"}
    closed = f"/api/registration/sessions/{house['sessions'][0]['session_id']}/headcount"
    assert (await service.staff.post(closed, json=tap)).json()["type"] == "urn:motesplats:problem:not-yet-started"
    service.later(days=21, minutes=10)
    wrong = f"/api/registration/sessions/{course['sessions'][0]['session_id']}/headcount"
    assert (await service.staff.post(wrong, json=tap)).json()["type"] == "urn:motesplats:problem:nobody-registers"


async def test_one_tap_is_one_form_and_the_last_one_can_be_taken_back(service: Running) -> None:
    house, session = await _open_house(service)
    here = f"/staff/programmes/{house['programme_id']}/sessions/{house['sessions'][0]['session_id']}"
    for tap in ({"entry_id": "a", "role": "relative", "first": "yes", "age": "65-79"},) * 2:
        assert (await service.staff.post(f"{here}/visitors", data=tap)).status_code == 303
    page = await service.staff.get(here)
    assert "Take back the last one: Relative" in page.text
    assert (await service.staff.get(f"{session}/headcount")).json()["visitors"] == 1
    for _ in range(2):
        await service.staff.post(f"{here}/visitors/taken-back", data={"entry_id": "a"})
    assert (await service.staff.get(f"{session}/headcount")).json()["visitors"] == 0
    await service.staff.post(f"{here}/visitors", data={"entry_id": "a", "role": "relative"})
    assert (await service.staff.get(f"{session}/headcount")).json()["visitors"] == 0, "taken back is taken back"


async def test_staff_put_the_headcount_right_unless_somebody_has_counted_on(service: Running) -> None:
    house, session = await _open_house(service)
    here = f"/staff/programmes/{house['programme_id']}/sessions/{house['sessions'][0]['session_id']}"
    await service.staff.post(f"{here}/visitors", data={"entry_id": "a", "role": "patient"})
    page = await service.staff.get(f"{here}/visitors/correct")
    assert 'name="seen" value="1"' in page.text
    typed = {"seen": "1", "hours-0-hour": "13", "hours-0-patient": "7", "first_visits": "9"}
    wrong = await service.staff.post(f"{here}/visitors/correct", data=typed)
    assert wrong.status_code == 422
    assert "more first visits than visitors" in wrong.text
    assert 'value="9"' in wrong.text
    typed |= {"first_visits": "2", "ages-0-band": "80+", "ages-0-number": "1"}
    assert (await service.staff.post(f"{here}/visitors/correct", data=typed)).status_code == 303
    found = (await service.staff.get(f"{session}/headcount")).json()
    assert (found["visitors"], found["first_visits"], found["age_bands"]) == (7, 2, {"80+": 1})
    stale = await service.staff.post(f"{here}/visitors/correct", data=typed)
    assert stale.status_code == 422
    assert "Somebody has counted since" in stale.text


async def test_many_weeks_are_counted_held_and_read_back(service: Running) -> None:
    first = service.delivery.clock.now() + timedelta(days=1)
    weeks = [{"at": (first + timedelta(weeks=n)).isoformat(), "theme": "Open house"} for n in range(8)]
    house = await service.plan(kind="drop_in", places={}, sessions=weeks)
    for n, one in enumerate(house["sessions"]):
        service.later(days=7 if n else 2)
        session = f"/api/registration/sessions/{one['session_id']}"
        body = {"visitors": [{"hour": 14, "role": "patient", "number": 10 + n}]}
        assert (await service.staff.put(f"{session}/headcount", json=body)).status_code == 200
        assert (await service.staff.post(f"{session}/hold")).status_code == 200
    assert [row["visitors"] for row in await said(service, "session-held")] == [10 + n for n in range(8)]
