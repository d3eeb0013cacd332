"""Lists of people as files: looked at, taken in once, given out without what must not be in them; and referrals."""

import csv
import io
import json
import random
import re
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.registration.domain.columns import column_of
from services.registration.use_cases.importing import Row, read_rows
from shared import logs
from shared.access import Staff, StaffRole
from shared.errors import DomainError
from shared.sheets import MOST_BYTES, MOST_ROWS, csv_of, read_sheet, read_table, xlsx_of
from tests.registration.conftest import Running
from tests.registration.test_people import person_of
from tests.registration.test_staff_people import PUBLIC, coordinator, signed_in

SWEDISH = "Roll;Namn;E-post;Mobil;Adress;Medföljande;Källa;Enhet\n"
PEOPLE = (
    SWEDISH
    + "patient;Åsa Öman;asa@example.org;;;;vårdcentral;Vårdcentralen Björken\n"
    + "Närstående;Bo Ek;;070-123 45 67;;;;\n"
    + "patient;Cilla Al;;;Storgatan 1, 573 31 Tranås;Dan Al;;\n"
)


def rows_of(content: bytes) -> Sequence[Row]:
    return read_rows(read_table(content, column_of))


def path(programme: dict[str, Any], rest: str = "import") -> str:
    return f"/api/registration/programmes/{programme['programme_id']}/{rest}"


async def send(service: Running, programme: dict[str, Any], content: bytes | str, *, dry: bool) -> Any:
    body = content.encode() if isinstance(content, str) else content
    return await service.staff.post(path(programme), params={"dry_run": dry}, content=body)


def outcomes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["outcome"] for row in answer.json()["rows"]]


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def test_a_list_is_looked_at_then_taken_in_and_the_same_again_changes_nothing(service: Running) -> None:
    course = await service.plan(patient=2, relative=1)
    looked = await send(service, course, PEOPLE, dry=True)
    assert outcomes(looked) == ["place", "place", "queue"], "the pair does not fit"
    assert (await service.registrations(course))["registrations"] == []
    assert await service.delivery.db.people.count_documents({}) == 0, "a look stores nothing"
    assert outcomes(await send(service, course, PEOPLE, dry=False)) == ["place", "place", "queue"]
    assert await service.statuses(course) == {
        "Åsa Öman": "confirmed",
        "Bo Ek": "confirmed",
        "Cilla Al": "waiting",
        "Dan Al": "waiting",
    }
    asa = await service.named(course, "Åsa Öman")
    assert (asa["source"], asa["referred_by"]) == ("primary_care", "Vårdcentralen Björken")
    assert (await service.named(course, "Dan Al"))["role"] == "relative"
    before = await service.delivery.db.outbox.count_documents({})
    for dry in (True, False):
        assert outcomes(await send(service, course, PEOPLE, dry=dry)) == ["known"] * 3
    assert await service.delivery.db.outbox.count_documents({}) == before, "nobody is told a second time"


async def test_who_has_cancelled_is_not_taken_in_again_by_the_same_file(service: Running) -> None:
    course = await service.plan(patient=2, relative=1)
    await send(service, course, PEOPLE, dry=False)
    link = {"token": service.link((await service.named(course, "Bo Ek"))["participant_id"])}
    await service.http.post("/api/registration/cancellations", json=link)
    assert outcomes(await send(service, course, PEOPLE, dry=False)) == ["known"] * 3
    assert (await service.statuses(course))["Bo Ek"] == "cancelled"


async def test_a_companion_of_somebody_known_is_taken_in_alone(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Cilla Al", email="al@example.org")
    file = "Name,Role,Mail,Companion\nCilla Al,patient,al@example.org,Dan Al\n"
    assert outcomes(await send(service, course, file, dry=True)) == ["place"]
    assert outcomes(await send(service, course, file, dry=False)) == ["place"]
    rows = {r["name"]: (r["status"], r["repeated"]) for r in (await service.registrations(course))["registrations"]}
    assert rows == {"Cilla Al": ("confirmed", 0), "Dan Al": ("confirmed", 0)}


@pytest.mark.parametrize(
    "content",
    [
        PEOPLE.encode("utf-8"),
        PEOPLE.encode("utf-8-sig"),
        PEOPLE.encode("cp1252"),
        PEOPLE.replace(";", "\t").encode(),
        PEOPLE.replace("\n", "\r\n").encode(),
        workbook(*[line.split(";") for line in PEOPLE.splitlines()]),
        csv_of([line.split(";") for line in PEOPLE.splitlines()]),
        xlsx_of([line.split(";") for line in PEOPLE.splitlines()]),
    ],
    ids=["utf-8", "with a mark", "windows-1252", "tabs", "crlf", "xlsx", "our csv", "our xlsx"],
)
def test_every_way_in_which_a_list_is_saved_gives_the_same_people(content: bytes) -> None:
    rows = rows_of(content)
    assert [(row.number, row.application and row.application.name) for row in rows] == [
        (2, "Åsa Öman"),
        (3, "Bo Ek"),
        (4, "Cilla Al"),
    ]
    assert [row.application.role.value for row in rows if row.application] == ["patient", "relative", "patient"]


@pytest.mark.parametrize(
    ("header", "role"),
    [("Name,Comes as,E-mail", "relative"), ("Navn,Rolle,E-mail", "pårørende"), ("Namn,Kommer som,E-post", "anhörig")],
)
def test_headers_and_words_are_read_in_three_languages(header: str, role: str) -> None:
    (row,) = rows_of(f"{header}\nBo,{role},bo@example.org\n".encode())
    assert row.application
    assert (row.application.role.value, row.application.email) == ("relative", "bo@example.org")


def test_of_several_ways_to_reach_somebody_the_first_is_kept_and_the_row_says_so() -> None:
    head = "Name;Comes as;E-mail;Phone;Address\n"
    rows = rows_of(
        f"{head}Bo;patient;bo@example.org;070 123 45 67;Ekvägen 1, 561 00 Ek\nEva;patient;;070 123 45 68;Ek\n".encode()
    )
    assert [row.application and (row.application.email, row.application.phone) for row in rows] == [
        ("bo@example.org", ""),
        ("", "070 123 45 68"),
    ]
    assert [[note.field for note in row.notes] for row in rows] == [["phone", "address"], ["address"]]


async def test_each_rows_problem_names_column_and_mend_and_the_others_are_taken_in(service: Running) -> None:
    course = await service.plan()
    file = (
        "Name;Role;Email;Phone;Language;Source\n"
        "Astrid;patient;astrid@example.org;;;\n"
        "Bo;king;bo@example.org;;;\n"
        ";patient;x@example.org;;;\n"
        "Cilla;patient;nonsense;;;\n"
        "Dan;patient;;;;\n"
        "Eva;patient;;12;klingon;a bird\n"
        "\n"
        "Finn;other;finn@example.org;;;\n"
    )
    found = (await send(service, course, file, dry=True)).json()
    assert found["counts"] == {"place": 1, "wrong": 6}
    wrong = {row["row"]: {p["column"] for p in row["problems"]} for row in found["rows"] if row["problems"]}
    assert wrong == {
        3: {"role"},
        4: {"name"},
        5: {"email"},
        6: {"email"},
        7: {"language", "source", "phone"},
        9: {"role"},
    }
    assert outcomes(await send(service, course, file, dry=False)).count("place") == 1
    assert await service.statuses(course) == {"Astrid": "confirmed"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Namn\nAstrid\n",
        b"PK\x03\x04 not really",
        b"\xff\xfe\x00",
        b"Name;Role\n" + b"x;patient\n" * (MOST_ROWS + 1),
        b"Name;Role\n" + b"x" * MOST_BYTES,
    ],
    ids=["empty", "without a role", "broken zip", "noise", "too many rows", "too large"],
)
async def test_what_is_no_list_is_refused_whole(service: Running, content: bytes) -> None:
    course = await service.plan()
    for dry in (True, False):
        answer = await send(service, course, content, dry=dry)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:motesplats:problem:not-a-sheet")


def test_a_formula_in_a_spreadsheet_is_not_evaluated() -> None:
    rows = read_sheet(workbook(["Name", "Role"], ['=HYPERLINK("https://example.org")', "patient"], [1234.0, 5.5]))
    assert rows[1:] == [["", "patient"], ["1234", "5.5"]]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
@example(b"Name;Role\n\x00;\x00\n")
@example(b'Name;Role\n"unclosed')
@example(b"PK\x05\x06" + bytes(18))
def test_any_bytes_are_rows_or_a_refusal(content: bytes) -> None:
    for given_bytes in (content, b"Name;Role;Phone;Address;Companion\n" + content):
        try:
            rows = rows_of(given_bytes)
        except DomainError:
            continue
        assert all((row.application is None) == bool(row.problems) for row in rows)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), min_size=2, max_size=4)))
def test_no_cell_of_a_file_that_we_write_is_a_formula(rows: list[list[str]]) -> None:
    text = csv_of(rows).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    book = openpyxl.load_workbook(io.BytesIO(xlsx_of(rows)))
    kinds = {cell.data_type for row in book.worksheets[0].iter_rows() for cell in row}
    assert "f" not in kinds


async def test_no_upload_is_a_server_error_and_a_look_stores_nothing(service: Running) -> None:
    course = await service.plan()
    good = workbook(*[line.split(";") for line in PEOPLE.splitlines()])
    dice = random.Random(7)
    files = [bytes(dice.randrange(256) for _ in range(dice.randrange(200))) for _ in range(10)]
    for _ in range(20):
        broken = bytearray(good)
        for _ in range(dice.randrange(1, 40)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        files.append(bytes(broken))
    page = f"/staff/programmes/{course['programme_id']}/import"
    for content in files:
        assert (await send(service, course, content, dry=True)).status_code in {200, 422}
        answer = await service.staff.post(page, files={"file": ("list.xlsx", content)})
        assert answer.status_code in {200, 422}
    assert await service.delivery.db.people.count_documents({}) == 0
    assert await service.delivery.db.registrations.count_documents({}) == 0


async def test_the_pages_carry_the_file_and_need_that_people_have_agreed(service: Running) -> None:
    course = await service.plan(patient=2, relative=1)
    page = f"/staff/programmes/{course['programme_id']}/import"
    none = await service.staff.post(page, files={"file": ("", b"")})
    assert (none.status_code, 'href="#file"' in none.text) == (422, True)
    looked = await service.staff.post(page, files={"file": ("list.csv", PEOPLE.encode())})
    assert "Nothing is stored yet." in looked.text
    content = looked.text.split('name="content" value="')[1].split('"')[0]
    without = await service.staff.post(f"{page}/run", data={"content": content})
    assert (without.status_code, "Åsa Öman" in without.text) == (422, True)
    assert (await service.registrations(course))["registrations"] == []
    done = await service.staff.post(f"{page}/run", data={"content": content, "consent": "yes"})
    assert "The list is taken in" in done.text
    assert len((await service.registrations(course))["registrations"]) == 4
    bad = await service.staff.post(f"{page}/run", data={"content": "%%%", "consent": "yes"})
    assert bad.status_code == 422


async def test_a_row_that_is_left_out_names_its_person_unless_the_identity_may_be_protected(service: Running) -> None:
    course = await service.plan(patient=2, relative=1)
    rows = ["Namn;Roll;E-post;Medföljande;Skyddad", "Åsa Öman;chef;asa@example.org;;", "Bo Ek;chef;bo@example.org;;ja"]
    rows += [
        "Cilla Al;chef;cilla@example.org;Dan Al;kanske",
        "Eli By;annan;eli@example.org;;",
        "Fia Ö;annan;fia@example.org;;ja",
    ]
    file = "\n".join(rows).encode()
    page = f"/staff/programmes/{course['programme_id']}/import"
    looked = (await service.staff.post(page, files={"file": ("list.csv", file)})).text
    assert looked.count("Left out") == 6  # the number of them, and each
    content = looked.split('name="content" value="')[1].split('"')[0]
    # The last two can be read, and are refused since nobody of that role has a place.
    taken = (await service.staff.post(f"{page}/run", data={"content": content, "consent": "yes"})).text
    for text in (looked, taken):
        assert "no places for that role" in text
        assert [name for name in ("Åsa Öman", "Bo Ek", "Cilla Al", "Dan Al", "Eli By", "Fia Ö") if name in text] == [
            "Åsa Öman",
            "Eli By",
        ]


async def test_a_list_given_out_is_taken_in_as_it_is_and_leaves_out_protected_identities(service: Running) -> None:
    course, other = await service.plan(), await service.plan()
    await service.register(course, "Astrid", email="", phone="070 123 45 67")
    await service.register(course, "=cmd|' /C calc'!A0")
    await service.register(course, "Solvigard Ek")
    person = await person_of(service, course, "Solvigard Ek")
    await service.staff.post(f"/staff/people/{person}", data={"do": "protect"})
    for kind in ("csv", "xlsx"):
        for address in (path(course, f"list.{kind}"), f"/staff/programmes/{course['programme_id']}/list.{kind}"):
            answer = await service.staff.get(address)
            assert answer.headers["cache-control"] == "no-store"
            cells = [row[0] for row in read_sheet(answer.content)]
            assert cells[1:] == ["Astrid", "=cmd|' /C calc'!A0"]
            if kind == "csv":
                assert "'=cmd" in answer.text
                assert "'+46701234567" in answer.text
            looked = await send(service, other, answer.content, dry=True)
            assert outcomes(looked)[0] == "place"


async def test_lists_of_others_are_not_opened(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    base = f"/staff/programmes/{course['programme_id']}"
    reads = [path(course, r) for r in ("list.csv", "list.xlsx", "referrals")]
    reads += [f"{base}/{r}" for r in ("list.csv", "list.xlsx", "referrals", "import")]
    for address in reads:
        assert (await service.http.get(address)).status_code in {303, 401}
        for who in (coordinator("Association"), coordinator("Clinic", areas=("Värnamo",)), coordinator()):
            async with signed_in(service, who) as client:
                assert (await client.get(address)).status_code == 403, address
    for address in (path(course), f"{base}/import", f"{base}/import/run"):
        assert (await service.http.post(address, content=PEOPLE.encode())).status_code in {303, 401}
        for who in (coordinator("Association"), Staff("Alva", StaffRole.AUDITOR, ("*",))):
            async with signed_in(service, who) as client:
                assert (await client.post(address, content=PEOPLE.encode())).status_code == 403, address
    assert (await service.registrations(course))["counts"]["confirmed"] == 1


async def test_nothing_of_a_file_stands_in_a_log_or_a_public_event(service: Running) -> None:
    written = io.StringIO()
    logs.configure(written)
    course = await service.plan()
    file = "Name;Role;Mail;Phone\nSolvigard;patient;solvigard@example.org;\nTormund;king;;qqqq\n"
    for dry in (True, False):
        assert (await send(service, course, file, dry=dry)).status_code == 200
    await service.staff.post(
        f"/staff/programmes/{course['programme_id']}/import", files={"file": ("tormund.csv", file.encode())}
    )
    rows = await service.delivery.db.outbox.find({"topic": {"$in": list(PUBLIC)}}).to_list(None)
    for text in (written.getvalue(), json.dumps(rows, default=str)):
        assert [word for word in ("solvigard", "tormund", "qqqq") if word in text.casefold()] == []
    assert '"request"' in written.getvalue()


async def link_of(service: Running, course: dict[str, Any], **unit: str) -> str:
    """The address that staff give a unit, without the host."""
    made = await service.staff.get(f"/staff/programmes/{course['programme_id']}/referrals", params=unit)
    (link,) = re.findall(r'class="typed"><a href="([^"]*)"', made.text)
    return str(link).removeprefix(service.settings.public_url)


async def test_a_link_of_a_unit_carries_where_people_come_from(service: Running) -> None:
    course = await service.plan()
    address = await link_of(service, course, **{"from": "primary_care", "unit": "Björken & Ek"})
    form = (await service.http.get(address)).text
    (by,) = re.findall(r'name="by" value="([^"]*)"', form)
    assert "How did you find us?" not in form
    person = {"role": "patient", "name": "Astrid", "contact": "astrid@example.org", "consent": "yes"}
    wrong = await service.http.post(address, data={**person, "by": by, "name": ""})
    assert f'name="by" value="{by}"' in wrong.text, "also when the form comes back"
    assert (await service.http.post(address, data={**person, "by": by})).status_code == 303
    by_hand = {"source": "primary_care", "referred_by": "björken & ek"}
    await service.http.post(address, data={**person, "name": "Bo", **by_hand})
    await service.http.post(address, data={**person, "name": "Cilla"})
    rows = (await service.staff.get(path(course, "referrals"))).json()
    assert [(r["source"], r["unit"], r["registrations"]) for r in rows] == [
        ("primary_care", "Björken & Ek", 2),
        ("self", "", 1),
    ]
    page = await service.staff.get(f"/staff/programmes/{course['programme_id']}/referrals")
    assert "Björken &amp; Ek" in page.text


async def test_only_a_unit_that_staff_have_named_is_published(service: Running) -> None:
    course, other = await service.plan(patient=9), await service.plan()
    address = f"/programmes/{course['programme_id']}"
    foreign = (await link_of(service, other, **{"from": "clinic", "unit": "The ward"})).partition("by=")[2]
    person = {"role": "patient", "contact": "one@example.org", "consent": "yes"}
    free = {"source": "clinic", "referred_by": "my nurse Zunurse"}
    await service.http.post(address, data={**person, "name": "By form", **free})
    for forged in (foreign, "Zunurse", "x.y"):
        wrong = {**person, "name": f"By {forged}"[:60], "by": forged, **free}
        assert (await service.http.post(address, data=wrong)).status_code == 303
    await service.register(course, "By API", **free)
    rows = (await service.registrations(course))["registrations"]
    assert {row["referred_by"] for row in rows} == {"my nurse Zunurse"}, "staff see what was written"
    (by,) = re.findall("by=(.*)", await link_of(service, course, **{"from": "clinic", "unit": "By link"}))
    await service.http.post(address, data={**person, "name": "By link", "by": by, **free})
    caller = {"role": "patient", "name": "By call", "contact": "call@example.org", "consent": "yes"}
    called = {"source": "clinic", "referred_by": "By telephone"}
    await service.staff.post(f"/staff{address}/register", data={**caller, **called})
    await send(service, course, "Roll;Namn;E-post;Enhet\npatient;By file;file@example.org;Zunurse\n", dry=False)
    public = await service.delivery.db.outbox.find({"topic": {"$in": list(PUBLIC)}}).to_list(None)
    assert "Zunurse" not in json.dumps(public, default=str)
    events = [json.loads(row["value"]) for row in await service.announced("participant-registered")]
    named = [(event["referred_by"], event["came_by"]) for event in events if event["referred_by"]]
    assert named == [("By link", "clinic"), ("By telephone", "clinic")]


@pytest.mark.parametrize("query", ["by=a_bird", "by=", "by=a&by=b", "by=" + "x" * 500])
async def test_an_address_that_was_changed_by_hand_leads_to_the_plain_form(service: Running, query: str) -> None:
    course = await service.plan()
    page = await service.http.get(f"/programmes/{course['programme_id']}?{query}")
    assert page.status_code == 200
    assert "How did you find us?" in page.text
    assert "a_bird" not in page.text.replace("by=a_bird", "")


async def test_a_link_from_before_they_were_signed_fills_in_the_form_and_is_published_of_nobody(
    service: Running,
) -> None:
    course = await service.plan()
    address = f"/programmes/{course['programme_id']}"
    form = (await service.http.get(f"{address}?from=primary_care&unit=Bj%C3%B6rken")).text
    assert re.search(r'<option value="primary_care"\s+selected', form)
    assert 'value="Björken"' in form
    person = {"role": "patient", "name": "Astrid", "contact": "astrid@example.org", "consent": "yes"}
    sent = {**person, "source": "primary_care", "referred_by": "Björken"}
    assert (await service.http.post(address, data=sent)).status_code == 303
    (row,) = (await service.registrations(course))["registrations"]
    assert (row["source"], row["referred_by"]) == ("primary_care", "Björken")
    (event,) = [json.loads(one["value"]) for one in await service.announced("participant-registered")]
    assert event["referred_by"] is None
    for odd in ("from=a_bird&unit=x", "from=clinic&from=clinic", "unit=" + "x" * 500):
        assert (await service.http.get(f"{address}?{odd}")).status_code == 200


async def test_a_column_that_is_not_read_is_named_and_stops_nothing(service: Running) -> None:
    course = await service.plan()
    list_ = "Roll;Namn;E-post;Specialkost\npatient;Åsa Öman;asa@example.org;Vegan\n"
    looked = await send(service, course, list_, dry=True)
    assert [one["column"] for one in looked.json()["warnings"]] == ["Specialkost"]
    assert outcomes(looked) == ["place"]
    page = f"/staff/programmes/{course['programme_id']}/import"
    shown = await service.staff.post(page, files={"file": ("list.csv", list_.encode())})
    assert "Columns that are not read" in shown.text
    assert "Specialkost" in shown.text
    assert (await send(service, course, PEOPLE, dry=True)).json()["warnings"] == []


@pytest.mark.parametrize(("header", "yes", "no"), [("Skyddad identitet", "Ja", "nej"), ("Protected", "yes", "")])
async def test_a_protected_identity_is_so_before_anything_of_it_has_left(
    service: Running, header: str, yes: str, no: str
) -> None:
    course = await service.plan()
    rows = f"patient;Åsa Öman;asa@example.org;{yes}\npatient;Bo Ek;bo@example.org;{no}\n"
    list_ = f"Roll;Namn;E-post;{header}\n{rows}"
    assert outcomes(await send(service, course, list_, dry=False)) == ["place", "place"]
    people = await service.delivery.db.people.find({}).to_list(None)
    assert {row["name"]: row["protected"] for row in people} == {"Åsa Öman": True, "Bo Ek": False}
    contacts = await service.announced("participant-contact-changed")
    registered = await service.announced("participant-registered")
    assert len({row["time"] for row in (*contacts, *registered) if row["key"] == registered[0]["key"]}) == 1
    wrong = await send(service, course, list_.replace(yes, "perhaps"), dry=True)
    assert wrong.json()["rows"][0]["problems"] == [{"column": "protected", "problem": "Write yes or no"}]
