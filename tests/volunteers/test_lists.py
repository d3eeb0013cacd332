"""The volunteers as a file: looked at, taken in once, and given out as it can be taken in again."""

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.volunteers.domain.columns import column_of, day_of, roles_of, tongues_of, topics_cell, topics_of
from services.volunteers.use_cases.importing import read_rows
from shared.errors import DomainError
from shared.sheets import read_sheet, read_table
from tests.volunteers.conftest import PERSON, World

PEOPLE = (
    "Namn;E-post;Mobil;Kommun;Uppdrag;Talar;Ämnen;Undviker;Avtal;Grundutbildning;Anteckning\n"
    "Åsa Öman;asa@example.org;;Jönköping;värd, peer;svenska och arabiska;bröstcancer, sorg;;2024-11-05;1/12 2024;x\n"
    "Bo Ek;;070-123 45 67;Eksjö;Levande bok;;;barn;;;\n"
)


async def send(world: World, content: bytes | str, *, dry: bool, **more: Any) -> Any:
    body = content.encode() if isinstance(content, str) else content
    return await world.http.post(
        "/api/volunteers/volunteers/import",
        params={"dry_run": dry},
        content=body,
        headers=more.get("headers", world.staff),
    )


def outcomes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["outcome"] for row in answer.json()["rows"]]


async def everybody(world: World) -> dict[str, Any]:
    return {one["name"]: one for one in (await world.get("volunteers"))["volunteers"]}


async def test_a_list_is_looked_at_then_taken_in_and_the_same_again_changes_nothing(world: World) -> None:
    looked = await send(world, PEOPLE, dry=True)
    assert outcomes(looked) == ["enrolled", "enrolled"]
    assert [one["column"] for one in looked.json()["warnings"]] == ["Anteckning"]
    assert await everybody(world) == {}
    assert await world.delivery.db.outbox.count_documents({}) == 0, "a look stores nothing"
    assert outcomes(await send(world, PEOPLE, dry=False)) == ["enrolled", "enrolled"]
    found = await everybody(world)
    asa, bo = found["Åsa Öman"], found["Bo Ek"]
    assert (asa["roles"], asa["speaks"]) == (["host", "peer"], ["sv", "ar"])
    assert asa["themes"] == ["bröstcancer", "sorg"]
    assert asa["agreement"] == {"signed_on": "2024-11-05", "version": ""}
    assert [(one["training"], one["completed_on"]) for one in asa["trainings"]] == [("basic", "2024-12-01")]
    assert (bo["phone"], bo["avoids"], bo["agreement"], bo["trainings"]) == ("+46701234567", ["barn"], None, [])
    before = await world.delivery.db.outbox.count_documents({})
    assert before >= 4, "everybody is announced"
    for dry in (True, False):
        assert outcomes(await send(world, PEOPLE, dry=dry)) == ["known", "known"]
    assert await world.delivery.db.outbox.count_documents({}) == before


async def test_who_has_applied_keeps_the_application_and_a_person_twice_in_a_file_is_one(world: World) -> None:
    await world.post("applications", PERSON | {"consent": True})
    file = (
        "Name,E-mail,Municipality,Does\n"
        f"{PERSON['name']},{PERSON['email']},Jönköping,host\n"
        "Bo Ek,bo@example.org,Jönköping,host\n"
        "bo  ek,BO@example.org,Jönköping,peer\n"
    )
    for dry in (True, False):
        assert outcomes(await send(world, file, dry=dry)) == ["applied", "enrolled", "known"]
    found = await everybody(world)
    assert {name: one["status"] for name, one in found.items()} == {PERSON["name"]: "applied", "Bo Ek": "enrolled"}


async def test_each_rows_problem_names_column_and_mend_and_the_others_are_taken_in(world: World) -> None:
    file = (
        "Name;E-mail;Phone;Municipality;Does;Language;Speaks;Agreement;Basic training\n"
        "Astrid;astrid@example.org;070 123 45 67;Jönköping;host;;;;\n"
        "Bo;bo@example.org;;Jönköping;king;;;;\n"
        ";x@example.org;;;host;;;;\n"
        "Cilla;;;Jönköping;host;;;;\n"
        "Dan;dan@example.org;;Jönköping;host;klingon;a bird;soon;31/2 2025\n"
        "Eva;eva@example.org;;Jönköping;host;;;2099-01-01;\n"
        "Finn;finn@example.org;;Jönköping;host;;;;2099-01-01\n"
        "Gun;gun@example.org;;Nässjö;host;;;;\n"
    )
    areas = world.signed_in("The clinic", "jönköping")
    for dry in (True, False):
        answer = (await send(world, file, dry=dry, headers=areas)).json()
        assert answer["counts"] == {"enrolled": 1, "wrong": 7}
        wrong = {row["row"]: {p["column"] for p in row["problems"]} for row in answer["rows"] if row["problems"]}
        assert wrong == {
            3: {"roles"},
            4: {"name", "municipality"},
            5: {"email"},
            6: {"language", "speaks", "agreement", "basic"},
            7: {"agreement"},
            8: {"basic"},
            9: {"municipality"},
        }
        assert [one["column"] for one in answer["rows"][0]["notes"]] == ["phone"]
    assert {name: one["email"] for name, one in (await everybody(world)).items()} == {"Astrid": "astrid@example.org"}


async def test_a_list_given_out_says_the_same_taken_in_again(world: World) -> None:
    await send(world, PEOPLE, dry=False)
    await world.enrol(themes=["Life, and after", "grief"])
    left = await world.enrol(name="Tormund", email="tormund@example.org")
    await world.staff_post(f"volunteers/{left}/leaving")
    before = {name: one for name, one in (await everybody(world)).items() if name}
    files = []
    for address in ("/api/volunteers/volunteers/list.{}", "/staff/volunteers/list.{}"):
        for kind in ("csv", "xlsx"):
            for language in ("en", "sv", "da"):
                headers = world.staff | {"accept-language": language}
                answer = await world.http.get(address.format(kind), headers=headers)
                assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
                files.append(answer.content)
    areas = world.signed_in("The clinic", "Eksjö")
    seen = read_sheet((await world.http.get("/staff/volunteers/list.csv", headers=areas)).content)
    assert [row[0] for row in seen[1:]] == ["Bo Ek"], "the others live elsewhere"
    kept = ("name", "email", "phone", "municipality", "roles", "language", "speaks", "themes", "avoids", "agreement")
    for content in files:
        await world.delivery.db.volunteers.delete_many({})
        assert set(outcomes(await send(world, content, dry=False))) == {"enrolled"}
        after = await everybody(world)
        assert after.keys() == before.keys() == {"Åsa Öman", "Bo Ek", PERSON["name"]}
        for name, one in after.items():
            assert {key: one[key] for key in kept} == {key: before[name][key] for key in kept}


async def test_two_columns_of_one_meaning_are_read_one_after_the_other_and_the_file_is_told(world: World) -> None:
    file = (
        "Namn;Kommun;Roll;Uppdrag;Telefon;Mobil\n"
        "Bo Ek;Eksjö;värd;peer;036-12 34 56;070-123 45 67\n"
        "Eva Al;Eksjö;;peer;;070-123 45 68\n"
    )
    answer = await send(world, file, dry=False)
    assert outcomes(answer) == ["enrolled", "enrolled"]
    assert [one["column"] for one in answer.json()["warnings"]] == ["Uppdrag", "Mobil"]
    assert "Roll" in answer.json()["warnings"][0]["problem"]
    found = await everybody(world)
    assert (found["Bo Ek"]["roles"], found["Bo Ek"]["phone"]) == (["host"], "+4636123456")
    assert (found["Eva Al"]["roles"], found["Eva Al"]["phone"]) == (["peer"], "+46701234568")


async def test_what_is_avoided_is_kept_whole_or_the_file_is_refused(world: World) -> None:
    avoided = [f"topic number {n} of those that are not to be met" + " or near" * 5 for n in range(30)]
    cell = "; ".join(avoided)
    file = f'Name,Phone,Municipality,Does,Avoids\nBo,070-123 45 67,Eksjö,host,"{cell}"\n'
    assert outcomes(await send(world, file, dry=False)) == ["enrolled"]
    assert (await everybody(world))["Bo"]["avoids"] == avoided
    longer = await send(world, file.replace(cell, cell * 2), dry=True)
    assert (longer.status_code, longer.json()["type"]) == (422, "urn:motesplats:problem:not-a-sheet")


async def test_a_look_says_of_a_person_twice_what_the_taking_in_does(world: World) -> None:
    file = "Name,E-mail,Municipality,Does\nBo Ek,bo@example.org,Nässjö,host\nBo Ek,bo@example.org,Jönköping,host\n"
    staff = world.signed_in("The clinic", "Jönköping")
    for dry in (True, False):
        assert outcomes(await send(world, file, dry=dry, headers=staff)) == ["wrong", "enrolled"]


async def test_the_pages_carry_the_file_and_need_that_people_know_of_it(world: World) -> None:
    page = "/staff/volunteers/import"
    assert 'type="file"' in (await world.http.get(page, headers=world.staff)).text
    none = await world.http.post(page, files={"file": ("", b"")}, headers=world.staff)
    assert (none.status_code, 'href="#file"' in none.text) == (422, True)
    no_list = await world.http.post(page, files={"file": ("list.csv", b"Namn;Telefax\nBo;1\n")}, headers=world.staff)
    assert (no_list.status_code, "Telefax" in no_list.text) == (422, True)
    looked = await world.http.post(page, files={"file": ("list.csv", PEOPLE.encode())}, headers=world.staff)
    assert "Nothing is stored yet." in looked.text and "Anteckning" in looked.text
    wrong = "Namn;Kommun;Gör;Telefon\nBo Ek;Tranås;chef;070-123 45 67\n".encode()
    left_out = (await world.http.post(page, files={"file": ("list.csv", wrong)}, headers=world.staff)).text
    assert ("Left out" in left_out, "Bo Ek" in left_out) == (True, True)
    found = re.search(r'name="content" value="([^"]+)"', looked.text)
    assert found
    without = await world.http.post(f"{page}/run", data={"content": found[1]}, headers=world.staff)
    assert (without.status_code, "Åsa Öman" in without.text) == (422, True)
    assert await everybody(world) == {}
    agreed = {"content": found[1], "consent": "yes"}
    done = await world.http.post(f"{page}/run", data=agreed, headers=world.staff)
    assert (done.status_code, "The list is taken in" in done.text) == (200, True)
    assert len(await everybody(world)) == 2
    bad = await world.http.post(f"{page}/run", data=agreed | {"content": "%%%"}, headers=world.staff)
    assert bad.status_code == 422


async def test_lists_are_for_staff(world: World) -> None:
    for address in ("/api/volunteers/volunteers/list.csv", "/staff/volunteers/list.xlsx", "/staff/volunteers/import"):
        assert (await world.http.get(address)).status_code in {303, 401}
    assert (await send(world, PEOPLE, dry=True, headers={})).status_code == 401
    assert (await send(world, PEOPLE, dry=False, headers={})).status_code == 401
    assert await everybody(world) == {}


@pytest.mark.parametrize("content", [b"", b"Namn;Kommun\nBo;Eksj\xf6\n", b"PK\x03\x04 not really", b"\xff\xfe\x00"])
async def test_what_is_no_list_is_refused_whole(world: World, content: bytes) -> None:
    for dry in (True, False):
        answer = await send(world, content, dry=dry)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:motesplats:problem:not-a-sheet")


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2025-03-01", date(2025, 3, 1)),
        ("2025-03-01 00:00:00", date(2025, 3, 1)),
        ("20250301", date(2025, 3, 1)),
        ("1/3 2025", date(2025, 3, 1)),
        ("01.03.2025", date(2025, 3, 1)),
        ("1-3-2025", date(2025, 3, 1)),
        ("2025-13-01", None),
        ("31/2 2025", None),
        ("mars", None),
        ("45000", None),
    ],
)
def test_dates_are_read_as_the_nordic_countries_write_them(cell: str, day: date | None) -> None:
    assert day_of(cell) == day


def test_several_in_a_cell_are_read_however_they_are_divided() -> None:
    assert roles_of("Värd, peer & berättare") == roles_of("host/peer og fortæller") == roles_of("vært; Peer, Fortæller")
    assert roles_of("host, king") is None
    assert tongues_of("Swedish, arabiska og somali") == ["sv", "ar", "so"]
    assert tongues_of("ga, sv") == ["ga", "sv"], "a code is a code before it is a name"
    assert tongues_of("sv, xx") is None
    assert topics_of("a; b, c") == ["a", "b, c"]


topics = st.lists(
    st.text(st.characters(exclude_characters=";\n", exclude_categories=["C", "Z"]), min_size=1), max_size=4
)


@given(topics)
@example(["Life, and after"])
def test_topics_in_a_cell_are_read_as_they_were_written(said: list[str]) -> None:
    assert topics_of(topics_cell(said)) == said


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
@example(b"\x00;\x00\n")
@example(b'"unclosed')
def test_any_bytes_are_rows_or_a_refusal(content: bytes) -> None:
    for given_bytes in (content, b"Name;Phone;Municipality;Does;Agreement;Speaks;Themes\n" + content):
        try:
            rows = read_rows(read_table(given_bytes, column_of))
        except DomainError:
            continue
        assert all((row.enrolment is None) == bool(row.problems) for row in rows)
