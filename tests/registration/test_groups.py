"""Conversation groups: an even proposal that the coordinator can change."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from motesplats_events import Role
from services.registration.domain.groups import Group, Pairs, Person, proposed
from services.registration.use_cases.registering import Application, register_participants
from tests.registration.conftest import Running

ROLES = (Role.PATIENT, Role.RELATIVE)
BOTH = frozenset(ROLES)


@st.composite
def participants(draw: st.DrawFn) -> list[Person]:
    """People who come alone or in pairs, in any order."""
    people: list[Person] = []
    for n in range(draw(st.integers(0, 14))):
        pair = f"pair {n}" if draw(st.booleans()) else None
        people += [Person(f"{n}{letter}", draw(st.sampled_from(ROLES)), pair) for letter in ("ab" if pair else "a")]
    return draw(st.permutations(people))


def spread(sizes: list[int]) -> int:
    return max(sizes) - min(sizes) if sizes else 0


@given(participants(), st.integers(1, 4), st.integers(1, 4), st.sampled_from(Pairs))
def test_split_by_role_everybody_is_in_one_group_of_their_role_and_the_groups_are_even(
    people: list[Person], patients: int, relatives: int, pairs: Pairs
) -> None:
    wanted = [Group(f"P{n}", frozenset({Role.PATIENT})) for n in range(patients)]
    wanted += [Group(f"R{n}", frozenset({Role.RELATIVE})) for n in range(relatives)]
    made = proposed(wanted, people, pairs)
    roles = {one.participant_id: one.role for one in people}
    assert sorted(id for group in made for id in group.members) == sorted(roles)
    assert all(roles[id] in group.roles for group in made for id in group.members)
    for role in ROLES:
        sizes = [len(group.members) for group in made if group.roles == {role}]
        assert spread(sizes) <= (1 if pairs is Pairs.APART or not any(p.pair_id for p in people) else 2)


@given(participants(), st.integers(2, 4), st.sampled_from(Pairs))
def test_in_mixed_groups_two_who_come_together_are_together_or_apart_as_is_wished(
    people: list[Person], number: int, pairs: Pairs
) -> None:
    made = proposed([Group(f"G{n}", BOTH) for n in range(number)], people, pairs)
    where = {id: group.name for group in made for id in group.members}
    found: dict[str, set[str]] = {}
    for one in people:
        if one.pair_id:
            found.setdefault(one.pair_id, set()).add(where[one.participant_id])
    assert all(len(groups) == (1 if pairs is Pairs.TOGETHER else 2) for groups in found.values())
    assert spread([len(group.members) for group in made]) <= (2 if pairs is Pairs.TOGETHER else 1)


def test_whose_role_no_group_takes_is_left_out() -> None:
    made = proposed([Group("P", frozenset({Role.PATIENT}))], [Person("a", Role.RELATIVE)], Pairs.TOGETHER)
    assert made[0].members == []


async def _course(service: Running) -> tuple[dict[str, Any], str, dict[str, str]]:
    course = await service.plan(patient=4, relative=4)
    await service.register(course, "Astrid", companion={"role": "relative", "name": "Bo"})
    await service.register(course, "Cilla")
    rows = (await service.registrations(course))["registrations"]
    ids = {row["name"]: row["participant_id"] for row in rows}
    return course, f"/api/registration/programmes/{course['programme_id']}/groups", ids


async def test_a_proposal_is_changed_and_saved_and_an_older_page_does_not_win(service: Running) -> None:
    _, address, ids = await _course(service)
    wanted = {
        "groups": [{"name": "Patients A", "roles": ["patient"]}, {"name": "Patients B", "roles": ["patient"]}],
        "pairs": "apart",
    }
    proposal = (await service.staff.post(f"{address}/proposal", json=wanted)).json()
    assert [len(group["members"]) for group in proposal["groups"]] == [1, 1]
    assert (await service.staff.get(address)).json()["groups"] == [], "looking stores nothing"
    proposal["groups"][0]["members"] = [ids["Astrid"], ids["Cilla"]]
    proposal["groups"][1]["members"] = []
    assert (await service.staff.put(address, json=proposal)).json()["version"] == 1
    assert (await service.staff.put(address, json=proposal)).status_code == 409
    assert (await service.staff.get(address)).json()["groups"][0]["members"] == [ids["Astrid"], ids["Cilla"]]


async def test_nobody_is_in_two_groups_or_in_one_for_another_role(service: Running) -> None:
    _, address, ids = await _course(service)
    patients, relatives = {"name": "A", "roles": ["patient"]}, {"name": "B", "roles": ["relative"]}
    twice = [ids["Cilla"]]
    for groups, field in (
        ([{**patients, "members": [ids["Bo"]]}], "groups.0.members"),
        ([{**patients, "members": ["nobody"]}], "groups.0.members"),
        ([{**patients, "members": twice}, {**patients, "name": "C", "members": twice}], "groups.1.members"),
        ([patients, {**relatives, "name": "a"}], "groups.1.name"),
    ):
        answer = await service.staff.put(address, json={"groups": groups})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_the_page_proposes_and_saves_what_was_changed(service: Running) -> None:
    course, address, ids = await _course(service)
    here = f"/staff/programmes/{course['programme_id']}/groups"
    assert "No groups yet" in (await service.staff.get(here)).text
    typed = {"patients": "2", "relatives": "1", "pairs": "together"}
    page = (await service.staff.post(f"{here}/proposal", data=typed)).text
    for name in ("Patients A", "Patients B", "Relatives A"):
        assert f'value="{name}"' in page
    assert set(re.findall(r'<option value=":([^"]*)"', page)) == set(ids.values())
    form = {
        "version": "0",
        "pairs": "together",
        "groups-0-name": "Morning",
        "groups-0-roles": "patient",
        "groups-1-name": "Relatives",
        "groups-1-roles": "relative",
        "members": [f"0:{ids['Astrid']}", f"1:{ids['Bo']}", f":{ids['Cilla']}"],
    }
    assert (await service.staff.post(here, data=form)).status_code == 303
    groups = (await service.staff.get(address)).json()["groups"]
    assert [(g["name"], g["members"]) for g in groups] == [("Morning", [ids["Astrid"]]), ("Relatives", [ids["Bo"]])]
    stale = await service.staff.post(here, data=form)
    assert stale.status_code == 422
    assert "Somebody else has just changed this" in stale.text
    assert f'value="1:{ids["Bo"]}" selected' in stale.text, "what was chosen stays"
    service.later(days=21, minutes=10)
    session = course["sessions"][0]["session_id"]
    at_session = await service.staff.get(f"/staff/programmes/{course['programme_id']}/sessions/{session}")
    assert "Morning" in at_session.text


async def test_of_more_people_than_a_form_has_rows_nobody_loses_the_group(service: Running) -> None:
    course = await service.plan(patient=300)
    coming = [
        Application(role=Role.PATIENT, name=f"Person {n}", email=f"p{n}@example.org", consent=True) for n in range(205)
    ]
    id, zone = course["programme_id"], service.settings.zone
    await service.delivery.transact(lambda tx: register_participants(tx, id, coming, zone))
    here = f"/staff/programmes/{id}/groups"
    page = (await service.staff.post(f"{here}/proposal", data={"patients": "2", "pairs": "together"})).text
    members = re.findall(r'<option value="(\d+:[^"]*)" selected', page)
    form = {f"groups-{n}-{name}": value for n in (0, 1) for name, value in (("name", f"G{n}"), ("roles", "patient"))}
    saved = await service.staff.post(here, data={**form, "version": "0", "pairs": "together", "members": members})
    assert saved.status_code == 303
    groups = (await service.staff.get(f"/api/registration/programmes/{id}/groups")).json()["groups"]
    assert [len(group["members"]) for group in groups] == [103, 102]
