"""People as staff see them: found within their rights, paused, protected and forgotten, and what is kept of that."""

import io
import json
from typing import Any

import httpx
import pytest

from motesplats_events import EVENTS
from shared import logs
from shared.access import Staff, StaffRole, staff_token
from tests.registration.conftest import Running
from tests.registration.test_people import contacts_now, link_of, make_wish, person_of

PUBLIC = {event.topic for event in EVENTS if not event.private}


def signed_in(service: Running, staff: Staff) -> httpx.AsyncClient:
    transport = service.staff._transport
    headers = {"accept-language": "en", "authorization": f"Bearer {staff_token(service.settings, staff)}"}
    return httpx.AsyncClient(transport=transport, base_url=service.settings.public_url, headers=headers)


def coordinator(*organisers: str, areas: tuple[str, ...] = ("*",)) -> Staff:
    return Staff("Robin", StaffRole.COORDINATOR, organisers, areas)


async def found(client: httpx.AsyncClient, q: str) -> list[str]:
    answer = await client.post("/api/registration/people/search", json={"q": q})
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()]


OBJECT_ROUTES = [
    ("GET", "/api/registration/people/{person}", None),
    ("POST", "/api/registration/people/{person}/show", {"why": "x"}),
    ("PUT", "/api/registration/people/{person}/details", {"name": "X", "email": "x@example.org"}),
    ("PUT", "/api/registration/people/{person}/life-event", {"life_event": "bereaved"}),
    ("PUT", "/api/registration/people/{person}/protection", {"protected": True}),
    ("POST", "/api/registration/people/{person}/erasure", {}),
    ("GET", "/staff/people/{person}", None),
    ("POST", "/staff/people/{person}", {"do": "protect"}),
    ("POST", "/staff/people/{person}/show", {"why": "x"}),
    ("GET", "/staff/people/{person}/details", None),
    ("POST", "/staff/people/{person}/details", {"name": "X", "contact": "x@example.org"}),
    ("GET", "/staff/people/{person}/forget", None),
    ("POST", "/staff/people/{person}/forget", {}),
]


async def call(client: httpx.AsyncClient, method: str, path: str, sent: dict[str, Any] | None) -> httpx.Response:
    kind = "json" if path.startswith("/api") else "data"
    return await client.request(method, path, **({kind: sent} if sent is not None else {}))  # type: ignore[arg-type]


@pytest.mark.parametrize(("method", "path", "sent"), OBJECT_ROUTES)
async def test_what_a_person_has_with_others_opens_nothing(
    service: Running, method: str, path: str, sent: dict[str, Any] | None
) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    person = await person_of(service, course, "Astrid")
    address = path.format(person=person)
    for other in (
        coordinator("Association"),
        coordinator("Clinic", areas=("Värnamo",)),
        coordinator(),
        Staff("Robin", StaffRole.REGION_ADMIN, ("Association",)),
    ):
        async with signed_in(service, other) as client:
            assert (await call(client, method, address, sent)).status_code == 403, other
    if method != "GET":
        async with signed_in(service, Staff("Alva", StaffRole.AUDITOR, ("*",))) as client:
            assert (await call(client, method, address, sent)).status_code == 403
    assert (await call(service.http, method, address, sent)).status_code in {303, 401}
    link = await link_of(service, course, "Astrid")
    bearer = {"authorization": f"Bearer {link}"}
    answer = await service.http.request(method, address, headers=bearer, json=sent)
    assert answer.status_code in {303, 401}, "a personal link is no staff session"
    assert await service.announced("subject-erased") == []
    assert (await service.named(course, "Astrid"))["email"] == "astrid@example.org"
    unknown = await call(service.staff, method, path.format(person="nobody"), sent)
    assert unknown.status_code == 404


async def test_people_are_found_by_name_and_contact_within_ones_rights(service: Running) -> None:
    clinic, other = await service.plan(), await service.plan(organiser="Association")
    await service.register(clinic, "Astrid Ek")
    await service.register(clinic, "Åke Ekman", email="", phone="070-123 45 67")
    await service.register(other, "Astrid Al")
    await make_wish(service, "Asta")
    assert await found(service.staff, "astr") == ["Astrid Al", "Astrid Ek"]
    assert await found(service.staff, "as") == ["Asta", "Astrid Al", "Astrid Ek"], "who runs all sees wishes too"
    async with signed_in(service, coordinator("Clinic")) as client:
        assert await found(client, "as") == ["Astrid Ek"]
        assert await found(client, "ek ASTR") == ["Astrid Ek"]
        assert await found(client, "astrid.ek@") == ["Astrid Ek"]
        for number in ("0701234567", "+46 70 123", "0046-70123", "070 123"):
            assert await found(client, number) == ["Åke Ekman"]
        assert await found(client, "å") == [], "one letter asks for too much"
        assert await found(client, ".*") == []
        page = await client.post("/staff/people", data={"q": "ek"})
        assert "Astrid Ek" in page.text
        assert "Astrid Al" not in page.text
        empty = await client.post("/staff/people", data={"q": ""})
        assert (empty.status_code, 'href="#q"' in empty.text) == (422, True)
        assert "Nobody is found" in (await client.post("/staff/people", data={"q": "zz"})).text
    async with signed_in(service, coordinator("Clinic", areas=("Värnamo",))) as client:
        assert await found(client, "astrid") == []


async def test_staff_see_only_their_own_registrations_of_a_person(service: Running) -> None:
    clinic, other = await service.plan(), await service.plan(organiser="Association", title="Elsewhere")
    for one in (clinic, other):
        await service.register(one, "Astrid")
    person = await person_of(service, clinic, "Astrid")
    async with signed_in(service, coordinator("Clinic")) as client:
        shown = (await client.get(f"/api/registration/people/{person}")).json()
        assert [r["programme_id"] for r in shown["registrations"]] == [clinic["programme_id"]]
        assert "Elsewhere" not in (await client.get(f"/staff/people/{person}")).text


async def test_staff_see_no_wishes_for_elsewhere_and_no_notes_from_there(service: Running) -> None:
    here = await service.plan()
    there = await service.plan(place={"name": "The house", "municipality": "Eksjö"})
    await service.register(there, "Astrid")
    person = await person_of(service, there, "Astrid")
    await service.staff.put(f"/api/registration/people/{person}/protection", json={"protected": True})
    shown = await service.staff.post(f"/staff/people/{person}/show", data={"why": "A call from the ward in Eksjö"})
    assert shown.status_code == 200
    await service.staff.put(f"/api/registration/people/{person}/protection", json={"protected": False})
    await service.register(here, "Astrid")
    for about, where in (("a rare thing", "Eksjö"), ("heart failure", "Tranås")):
        who = {"name": "Astrid", "email": "astrid@example.org", "role": "patient", "consent": True}
        wish = {**who, "kind": "self_help_group", "about": about, "municipality": where}
        assert (await service.http.post("/api/registration/wishes", json=wish)).status_code == 202
    async with signed_in(service, coordinator("Clinic", areas=("Tranås",))) as client:
        page = (await client.get(f"/staff/people/{person}")).text
    assert "heart failure" in page
    assert "a rare thing" not in page
    assert "the ward" not in page
    whole = (await service.staff.get(f"/staff/people/{person}")).text
    assert "a rare thing" in whole
    assert "the ward" in whole


async def test_a_death_stops_messages_and_who_said_so_is_kept(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    person = await person_of(service, course, "Astrid")
    answer = await service.staff.post(f"/staff/people/{person}", data={"do": "bereaved"})
    assert answer.status_code == 303
    assert [c.paused for c in (await contacts_now(service)).values()] == [True]
    page = (await service.staff.get(f"/staff/people/{person}")).text
    assert "After a death: nothing is sent." in page
    assert "messages stopped after a death, Kim" in page.replace("<bdi>", "").replace("</bdi>", "")
    await service.staff.post(f"/staff/people/{person}", data={"do": "resume"})
    assert [c.paused for c in (await contacts_now(service)).values()] == [False]
    assert [row["sequence"] for row in await service.announced("participant-contact-changed")] == [1, 2, 3]


async def test_who_registers_later_and_is_reached_as_a_protected_one_is_protected_too(service: Running) -> None:
    course, later = await service.plan(), await service.plan()
    await service.register(course, "Solvigard Ek")
    person = await person_of(service, course, "Solvigard Ek")
    protection = f"/api/registration/people/{person}/protection"
    shared = {"email": "Solvigard.Ek@example.org"}
    await service.staff.put(protection, json={"protected": True})
    await service.staff.put(protection, json={"protected": False})
    await service.register(later, "Alva Ek", **shared)
    await service.staff.put(protection, json={"protected": True})
    await service.register(later, "Solvigard M Ek", role="relative", **shared)
    await service.register(later, "Bo Al", role="relative")
    found = (await service.registrations(later))["registrations"]
    assert [(row["name"], row["role"]) for row in found] == [
        ("Alva Ek", "patient"),
        (None, "relative"),
        ("Bo Al", "relative"),
    ]


async def test_a_protected_identity_is_listed_nowhere(service: Running) -> None:
    course = await service.plan(days=1)
    other = {"role": "relative", "name": "Bo Ek", "email": "bo.ek@example.org"}
    await service.register(course, "Solvigard Ek", companion=other)
    person = await person_of(service, course, "Solvigard Ek")
    id = (await service.named(course, "Solvigard Ek"))["participant_id"]
    await service.staff.put(f"/api/registration/people/{person}/protection", json={"protected": True})
    service.later(days=2)
    session = course["sessions"][0]["session_id"]
    programme = course["programme_id"]
    bo = (await service.named(course, "Bo Ek"))["participant_id"]
    for address in (
        f"/staff/programmes/{programme}",
        f"/staff/programmes/{programme}/registrations/{id}",
        f"/staff/programmes/{programme}/registrations/{bo}",
        f"/staff/programmes/{programme}/sessions/{session}",
        f"/staff/people/{person}",
        f"/staff/people/{person}/details",
        f"/staff/people/{person}/forget",
        f"/api/registration/people/{person}",
        f"/api/registration/programmes/{programme}/registrations",
        "/staff/people/notes",
        "/staff",
    ):
        client = service.staff
        if address.endswith("notes"):
            client = signed_in(service, Staff("Alva", StaffRole.AUDITOR, ("*",)))
        page = await client.get(address)
        assert page.status_code == 200, address
        assert "olvigard" not in page.text, address
    assert await found(service.staff, "solv") == []
    contact = (await contacts_now(service))[id]
    assert (contact.protected, contact.name, contact.email, contact.phone, contact.address) == (
        *(True, ""),
        *(None, None, None),
    )
    await service.staff.put(f"/api/registration/people/{person}/protection", json={"protected": False})
    assert await found(service.staff, "solv") == ["Solvigard Ek"]
    assert (await contacts_now(service))[id].name == "Solvigard Ek"


async def test_looking_at_a_protected_identity_needs_a_reason_and_is_read_by_auditors(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Solvigard Ek")
    person = await person_of(service, course, "Solvigard Ek")
    await service.staff.post(f"/staff/people/{person}", data={"do": "protect"})
    async with signed_in(service, coordinator("Clinic")) as client:
        without = await client.post(f"/staff/people/{person}/show", data={"why": " "})
        assert (without.status_code, "olvigard" in without.text) == (422, False)
        shown = await client.post(f"/staff/people/{person}/show", data={"why": "The meeting is moved"})
        assert (shown.status_code, "Solvigard Ek" in shown.text) == (200, True)
        assert "solvigard.ek@example.org" in shown.text
        assert (await client.get(f"/staff/people/{person}/show")).status_code in {404, 405}
        assert (await client.get("/staff/people/notes")).status_code == 403, "coordinators do not audit each other"
        assert (await client.get("/api/registration/people/notes")).status_code == 403
    for organisers, sees in ((("Clinic",), True), (("Association",), False), (("*",), True)):
        async with signed_in(service, Staff("Alva", StaffRole.AUDITOR, organisers)) as auditor:
            rows = (await auditor.get("/api/registration/people/notes")).json()
            who = [(row["deed"], row["by"], row["unit"], row["why"]) for row in rows]
            assert (("shown", "Robin", "Clinic", "The meeting is moved") in who) is sees
            page = (await auditor.get("/staff/people/notes")).text
            assert ("The meeting is moved" in page) is sees


async def test_staff_put_details_right_for_somebody_who_called(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    await service.register(course, "Bo")
    person = await person_of(service, course, "Astrid")
    address = f"/staff/people/{person}/details"
    taken = await service.staff.post(address, data={"name": "Bo", "contact": "bo@example.org"})
    assert (taken.status_code, "never join" in taken.text, 'value="bo@example.org"' in taken.text) == (422, True, True)
    await service.staff.post(address, data={"name": "Astrid Ek", "contact": "070 123 45 67"})
    assert (await service.named(course, "Astrid Ek"))["phone"] == "+46701234567"


async def test_staff_forget_somebody_who_asked_and_that_they_did_is_kept(service: Running) -> None:
    course = await service.plan(patient=1)
    await service.register(course, "Astrid")
    await service.register(course, "Bo")
    person = await person_of(service, course, "Astrid")
    await service.staff.post(f"/staff/people/{person}/show", data={"why": "Astrid called"})
    assert "This cannot be undone." in (await service.staff.get(f"/staff/people/{person}/forget")).text
    done = await service.staff.post(f"/staff/people/{person}/forget")
    assert "Everything about the person is deleted" in done.text
    assert await service.statuses(course) == {None: "cancelled", "Bo": "confirmed"}
    assert (await service.staff.post(f"/staff/people/{person}/forget")).status_code == 404
    assert (await service.staff.get(f"/staff/people/{person}")).status_code == 404
    async with signed_in(service, Staff("Alva", StaffRole.AUDITOR, ("*",))) as auditor:
        page = (await auditor.get("/staff/people/notes")).text
        assert "forgotten" in page
        assert "Astrid" not in page, "also not in what was written as a reason"
    (event,) = await service.announced("registration-cancelled")
    assert '"reason":"staff"' in event["value"]


async def test_names_stand_in_no_log_and_no_public_event_after_all_of_this(service: Running) -> None:
    written = io.StringIO()
    logs.configure(written)
    course = await service.plan(patient=1, promotion="offer")
    for name in ("Solvigard", "Tormund", "Ymer"):
        await service.register(course, name, referred_by="Zuunit")
    await make_wish(service, "Solvigard", about="Qaaboutq")
    link = await link_of(service, course, "Solvigard")
    person = await person_of(service, course, "Solvigard")
    other = await person_of(service, course, "Tormund")
    for client, method, path, sent in (
        (service.http, "POST", f"/my/{link}/details", {"name": "Solvigard Xerk", "contact": "wrong at all"}),
        (service.http, "POST", f"/my/{link}/details", {"name": "Solvigard Xerk", "contact": "xerk@example.org"}),
        (service.http, "POST", f"/my/{link}/details", {"name": "Ymer", "contact": "ymer@example.org"}),
        (service.http, "POST", f"/my/{link}/pause", {}),
        (service.staff, "POST", "/staff/people", {"q": "Solvigard"}),
        (service.staff, "POST", f"/staff/people/{other}", {"do": "protect"}),
        (service.staff, "POST", f"/staff/people/{other}/show", {"why": "Tormund called"}),
        (service.http, "POST", f"/my/{link}/forget", {}),
    ):
        assert (await client.request(method, path, data=sent)).status_code < 500
    assert person
    typed = ("solvigard", "tormund", "ymer", "xerk", "wrong at all", "qaaboutq", link.casefold())
    lines = written.getvalue().casefold()
    assert '"request"' in lines
    assert [word for word in typed if word in lines] == []
    rows = await service.delivery.db.outbox.find({"topic": {"$in": list(PUBLIC)}}).to_list(None)
    assert {"participant-registered", "registration-cancelled", "subject-erased"} <= {row["topic"] for row in rows}
    said = json.dumps(rows, default=str).casefold()
    assert [word for word in typed if word in said] == []
    private = await service.delivery.db.outbox.find({"topic": "participant-contact-changed"}).to_list(None)
    assert {row["value"] for row in private} == {None}


async def test_somebody_who_called_is_registered_with_a_protected_identity_from_the_first_moment(
    service: Running,
) -> None:
    course = await service.plan()
    page = f"/staff/programmes/{course['programme_id']}/register"
    person = {"role": "patient", "name": "Solvigard Ek", "contact": "solvigard@example.org", "protected": "yes"}
    without = await service.staff.post(page, data=person)
    assert (without.status_code, 'value="Solvigard Ek"' in without.text) == (422, True)
    made = await service.staff.post(page, data={**person, "consent": "yes"})
    assert made.status_code == 303
    assert "olvigard" not in (await service.staff.get(made.headers["location"])).text
    assert [(c.protected, c.name) for c in (await contacts_now(service)).values()] == [(True, "")]
    by_api = {"role": "patient", "name": "Tormund Al", "email": "t@example.org", "consent": True, "protected": True}
    path = f"/api/registration/programmes/{course['programme_id']}/registrations/by-telephone"
    assert (await service.staff.post(path, json=by_api)).json()["status"] == "confirmed"
    assert {row["name"] for row in (await service.registrations(course))["registrations"]} == {None}
    for address, sent in ((page, {"data": person}), (path, {"json": by_api})):
        async with signed_in(service, coordinator("Association")) as client:
            assert (await client.post(address, **sent)).status_code == 403  # type: ignore[arg-type]
        assert (await service.http.post(address, **sent)).status_code in {303, 401}  # type: ignore[arg-type]


async def test_who_comes_along_is_noted_on_the_telephone_too_and_shares_the_protection(service: Running) -> None:
    course = await service.plan()
    page = f"/staff/programmes/{course['programme_id']}/register"
    person = {"role": "patient", "name": "Vidar Ek", "contact": "vidar@example.org", "consent": "yes"}
    along = {"companion-name": "Solvigard Ek", "companion-role": "relative"}
    half = await service.staff.post(page, data={**person, "companion-role": "relative"})
    assert (half.status_code, "Write the name of who comes along" in half.text) == (422, True)
    found = {"source": "clinic", "referred_by": "The ward"}
    assert (await service.staff.post(page, data={**person, **along, **found})).status_code == 303
    rows = (await service.registrations(course))["registrations"]
    assert {row["name"]: row["source"] for row in rows} == {"Vidar Ek": "clinic", "Solvigard Ek": "clinic"}
    event = (await service.announced("participant-registered"))[0]
    assert '"referred_by":"The ward"' in event["value"]

    # The messages of both go to one address: who protects one of them protects both.
    other = await service.plan()
    page = f"/staff/programmes/{other['programme_id']}/register"
    hidden = {**person, "name": "Tormund Al", "contact": "tormund@example.org", "protected": "yes"}
    assert (await service.staff.post(page, data={**hidden, **along, "companion-name": "Ylva Al"})).status_code == 303
    assert {row["name"] for row in (await service.registrations(other))["registrations"]} == {None}

    # Once protected, somebody brings nobody along who is listed at the same address.
    third = await service.plan()
    await service.register(
        third, "Tormund Al", email="tormund@example.org", companion={"role": "relative", "name": "Sigge Al"}
    )
    assert {row["name"] for row in (await service.registrations(third))["registrations"]} == {None}


async def test_a_lost_link_is_sent_again_and_nobody_has_registered_once_more(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    row = await service.named(course, "Astrid")
    page = f"/staff/programmes/{course['programme_id']}/registrations/{row['participant_id']}"
    assert "Send a new link" in (await service.staff.get(page)).text
    assert (await service.staff.post(page, data={"do": "link"})).status_code == 303
    (told,) = await service.announced("registration-repeated")
    assert (told["key"], told["sequence"]) == (row["participant_id"], 2)
    assert (await service.named(course, "Astrid"))["repeated"] == 0
    await service.staff.post(page, data={"do": "cancel"})
    assert "Send a new link" not in (await service.staff.get(page)).text
    assert "already been cancelled" in (await service.staff.post(page, data={"do": "link"})).text


async def test_who_calls_and_waits_no_longer_is_taken_off_the_list(service: Running) -> None:
    wish = {
        "kind": "learning_cafe",
        "about": "heart failure",
        "municipality": "Tranås",
        "role": "patient",
        "name": "Astrid",
        "email": "astrid@example.org",
        "consent": True,
    }
    await service.http.post("/api/registration/wishes", json=wish)
    await service.http.post("/api/registration/wishes", json={**wish, "name": "Bo", "email": "bo@example.org"})
    one, other = (await service.delivery.db.wishes.find().sort("ticket", 1).to_list(None))[:2]
    page = f"/staff/people/{one['person_id']}"
    assert "Waits no longer" in (await service.staff.get(page)).text
    async with signed_in(service, coordinator("Clinic", areas=("Tranås",))) as client:
        assert page in (await client.post("/staff/people", data={"q": "Astrid"})).text
        assert "Waits no longer" in (await client.get(page)).text
    async with signed_in(service, coordinator("Clinic", areas=("Eksjö",))) as client:
        assert (await client.get(page)).status_code == 403
        taken = await client.post(page, data={"do": "withdraw", "wish_id": one["_id"]})
        assert taken.status_code == 403
    others = await service.staff.post(page, data={"do": "withdraw", "wish_id": other["_id"]})
    assert others.status_code == 404
    assert (await service.staff.post(page, data={"do": "withdraw", "wish_id": one["_id"]})).status_code == 303
    assert "Waits no longer" not in (await service.staff.get(page)).text
    assert "taken off the list of those who wait" in (await service.staff.get(page)).text
    left = (await service.staff.get("/api/registration/wishes")).json()
    assert [row["wish_id"] for row in left] == [other["_id"]]
