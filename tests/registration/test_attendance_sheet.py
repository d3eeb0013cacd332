"""Attendance on a phone: four states, and two who mark at the same time."""

import re
from typing import Any

import pytest

from services.registration.domain.attendance import Attendance, Mark, Sheet, changes
from tests.registration.conftest import Running

YES, PART, NO = Mark.ATTENDED, Mark.PARTLY, Mark.ABSENT


def after(sheet: Sheet, **before: Mark) -> dict[str, Mark]:
    """The marks when a list was taken."""
    marks: dict[str, Mark | None] = {**before, **changes(sheet, Attendance("s", "p", before))}
    return {id: mark for id, mark in marks.items() if mark}


def test_while_it_goes_on_whoever_is_not_ticked_may_still_come() -> None:
    assert after(Sheet({"a": None, "b": None}, ["a"])) == {"a": YES}


def test_when_it_is_held_whoever_is_not_ticked_was_absent() -> None:
    assert after(Sheet({"a": None, "b": None}, ["a"], hold=True)) == {"a": YES, "b": NO}


def test_a_stale_list_marks_nobody_who_is_not_on_it() -> None:
    assert after(Sheet({"a": None}, [], hold=True), late=YES) == {"a": NO, "late": YES}
    assert "later" not in after(Sheet({"a": None}, [], hold=True))


def test_two_who_mark_at_the_same_time_do_not_undo_each_other() -> None:
    assert after(Sheet({"a": None, "b": None}, ["b"]), a=YES) == {"a": YES, "b": YES}
    assert after(Sheet({"a": None, "b": None}, ["b"], hold=True), a=PART) == {"a": PART, "b": YES}


def test_a_tick_that_is_taken_away_is_a_mark_less_and_after_the_end_an_absence() -> None:
    assert after(Sheet({"a": YES}, []), a=YES) == {}
    assert after(Sheet({"a": YES}, [], hold=True), a=YES) == {"a": NO}


def test_nobody_knows_is_no_absence() -> None:
    assert after(Sheet({"a": None, "b": NO}, [], unknown=["a", "b"], hold=True), b=NO) == {}


@pytest.mark.parametrize(("partly", "attended"), [(["a"], []), (["a"], ["a"])])
def test_who_was_there_for_a_part_is_marked_so(partly: list[str], attended: list[str]) -> None:
    assert after(Sheet({"a": None}, attended, partly)) == {"a": PART}


async def _evening(service: Running) -> tuple[dict[str, Any], str, dict[str, str]]:
    course = await service.plan(patient=4)
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(course, name)
    service.later(days=21, minutes=10)
    ids = {name: (await service.named(course, name))["participant_id"] for name in ("Astrid", "Bo", "Cilla")}
    return course, course["sessions"][0]["session_id"], ids


async def test_who_came_for_a_part_has_come_and_who_is_unknown_has_not(service: Running) -> None:
    _, session, ids = await _evening(service)
    body = {"attended": [ids["Astrid"]], "partly": [ids["Bo"]]}
    address = f"/api/registration/sessions/{session}"
    found = (await service.staff.put(f"{address}/attendance", json=body)).json()
    assert (found["attended"], found["partly"], found["absent"]) == ([ids["Astrid"]], [ids["Bo"]], [])
    await service.staff.post(f"{address}/hold")
    (row,) = await service.announced("session-held")
    assert '"patient":{"expected":3,"attended":2}' in row["value"]
    taken_away = {"attended": [], "unknown": [ids["Bo"]]}
    assert (await service.staff.put(f"{address}/attendance", json=taken_away)).json()["partly"] == []
    assert [row["sequence"] for row in await service.announced("attendance-recorded")] == [1, 2]


async def test_the_page_keeps_the_four_states_apart(service: Running) -> None:
    course, session, ids = await _evening(service)
    here = f"/staff/programmes/{course['programme_id']}/sessions/{session}"
    was = [f":{id}" for id in ids.values()]
    typed = {"was": was, "attended": [ids["Astrid"]], "partly": [ids["Bo"]], "unknown": [ids["Cilla"]], "hold": "yes"}
    assert (await service.staff.post(here, data=typed)).status_code == 303
    found = (await service.staff.get(f"/api/registration/sessions/{session}/attendance")).json()
    assert (found["attended"], found["partly"], found["absent"]) == ([ids["Astrid"]], [ids["Bo"]], [])
    page = (await service.staff.get(here)).text
    for name, id in (("attended", ids["Astrid"]), ("partly", ids["Bo"]), ("unknown", ids["Cilla"])):
        assert f'name="{name}" value="{id}" checked' in page


def as_shown(page: str) -> dict[str, list[str]]:
    """The attendance form as a browser sends it when nothing on it is touched."""
    was = re.findall(r'name="was" value="([^"]*)"', page)
    boxes = re.findall(r'name="(attended|partly|unknown)" value="([^"]*)" checked', page)
    return {"was": was, **{name: [id for box, id in boxes if box == name] for name, _ in boxes}}


@pytest.mark.parametrize(
    ("path", "typed"),
    [("/themes", {"theme_id": "t1", "text": " "}), ("/themes/ticked", {"theme_id": "taken", "what": "drop"})],
)
@pytest.mark.parametrize("held", [False, True])
async def test_a_slip_in_another_part_of_the_page_unticks_nobody(
    service: Running, path: str, typed: dict[str, str], held: bool
) -> None:
    course, session, ids = await _evening(service)
    here = f"/staff/programmes/{course['programme_id']}/sessions/{session}"
    marks = {"was": [f":{id}" for id in ids.values()], "attended": [ids["Astrid"]], "partly": [ids["Bo"]]}
    await service.staff.post(here, data=marks | ({"unknown": [ids["Cilla"]], "hold": "yes"} if held else {}))
    await service.staff.post(f"{here}/themes", data={"theme_id": "taken", "text": "Sleep"})
    await service.staff.post(f"{here}/themes/ticked", data={"theme_id": "taken", "what": "done"})
    before = as_shown((await service.staff.get(here)).text)
    slip = await service.staff.post(here + path, data=typed)
    assert slip.status_code in {409, 422}
    assert as_shown(slip.text) == before
    assert (before["attended"], before["partly"]) == ([ids["Astrid"]], [ids["Bo"]])
    await service.staff.post(here, data=as_shown(slip.text))
    found = (await service.staff.get(f"/api/registration/sessions/{session}/attendance")).json()
    assert (found["attended"], found["partly"], found["absent"]) == ([ids["Astrid"]], [ids["Bo"]], [])
    assert len(await service.announced("session-held")) == held, "nothing was corrected"
    (next_theme,) = re.findall(
        r'/themes" novalidate>\s*<input type="hidden" name="theme_id" value="([^"]*)"', slip.text
    )
    assert next_theme != "taken", "a new theme is another one than the one that was ticked"


async def test_what_was_ticked_is_kept_when_the_list_itself_is_refused(service: Running) -> None:
    course, session, ids = await _evening(service)
    here = f"/staff/programmes/{course['programme_id']}/sessions/{session}"
    was = [f":{id}" for id in ids.values()]
    wrong = await service.staff.post(here, data={"was": [*was, ":gone"], "attended": [ids["Astrid"], "gone"]})
    assert wrong.status_code == 422
    assert as_shown(wrong.text) == {"was": was, "attended": [ids["Astrid"]]}
    assert (await service.staff.post(here, data=as_shown(wrong.text))).status_code == 303


async def test_a_member_is_expected_from_the_first_day_of_the_membership_on(service: Running) -> None:
    group = await service.plan(kind="self_help_group", patient=4, relative=0)
    await service.register(group, "Astrid")
    service.later(days=23)
    await service.register(group, "Bo")
    session = group["sessions"][0]["session_id"]
    await service.staff.post(f"/api/registration/sessions/{session}/hold")
    (row,) = await service.announced("session-held")
    assert '"patient":{"expected":1,"attended":0}' in row["value"]
