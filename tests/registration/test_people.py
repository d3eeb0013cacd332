"""One person behind many registrations: own data, corrections, pauses, and being forgotten."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from motesplats_events import Role
from services.registration.use_cases.registering import Application, register_participant
from shared.delivery import Transaction
from tests.registration.conftest import Running, serving

CAFE_PLAN: dict[str, Any] = {"kind": "learning_cafe", "about": "Heart failure"}
CAFE: dict[str, Any] = {"kind": "learning_cafe", "about": "heart failure", "municipality": "Tranås"}
ERASED_TOPICS = ("participant-contact-changed", "subject-erased")


async def make_wish(service: Running, name: str, **more: Any) -> str:
    """The id of the new wish."""
    who = {"name": name, "email": f"{name.casefold()}@example.org", "role": "patient", "consent": True}
    answer = await service.http.post("/api/registration/wishes", json={**CAFE, **who, **more})
    assert answer.status_code == 202, answer.text
    row = await service.delivery.db.wishes.find_one({}, sort=[("ticket", -1)])
    assert row
    return str(row["_id"])


async def link_of(service: Running, programme: dict[str, Any], name: str) -> str:
    return service.link((await service.named(programme, name))["participant_id"])


async def person_of(service: Running, programme: dict[str, Any], name: str) -> str:
    id = (await service.named(programme, name))["participant_id"]
    row = await service.delivery.db.registrations.find_one({"_id": id})
    assert row
    return str(row["person_id"])


async def own(service: Running, token: str, path: str = "", **more: Any) -> Any:
    method = "PUT" if path == "/details" else "POST"
    return await service.http.request(method, f"/api/registration/my{path}", json={"token": token, **more})


async def contacts_now(service: Running) -> dict[str, Any]:
    """What would be announced of each id just now, by id; None of who was forgotten."""
    reader = service.delivery._readers["participant-contact-changed"]
    ids = {row["key"] for row in await service.announced("participant-contact-changed")}
    return dict.fromkeys(ids) | dict(await reader(service.delivery.reading, list(ids)))


async def test_every_link_of_a_person_leads_to_all_that_is_theirs(service: Running) -> None:
    first, second = await service.plan(), await service.plan(patient=0, relative=1)
    await service.register(second, "Bo", role="relative")
    await service.register(first, "Astrid")
    await service.register(second, "Astrid", role="relative")
    wish = await make_wish(service, "Astrid")
    links = [await link_of(service, one, "Astrid") for one in (first, second)]
    found = [(await own(service, link)).json() for link in [*links, service.link(wish, purpose="wish")]]
    assert found[0] == found[1] == found[2]
    assert {(r["programme_id"], r["status"], r["position"], r["ahead"]) for r in found[0]["registrations"]} == {
        (first["programme_id"], "confirmed", None, None),
        (second["programme_id"], "waiting", 1, 0),
    }
    assert [(w["about"], w["position"]) for w in found[0]["wishes"]] == [("heart failure", 1)]
    assert "Bo" not in str(found[0]).replace("Book", "")


async def test_own_data_holds_attendance_and_what_was_done_with_it(service: Running) -> None:
    course = await service.plan(days=1)
    await service.register(course, "Astrid", source="primary_care", referred_by="The health centre")
    id = (await service.named(course, "Astrid"))["participant_id"]
    person = (await service.delivery.db.registrations.find_one({"_id": id}) or {})["person_id"]
    service.later(days=2)
    session = course["sessions"][0]["session_id"]
    path = f"/api/registration/sessions/{session}/attendance"
    assert (await service.staff.put(path, json={"attended": [id]})).status_code == 200
    await service.staff.put(f"/api/registration/people/{person}/life-event", json={"life_event": "bereaved"})
    kept = (await own(service, service.link(id))).json()
    (one,) = kept["registrations"]
    assert [s["attendance"] for s in one["sessions"]] == ["attended", None]
    assert (one["source"], one["referred_by"]) == ("primary_care", "The health centre")
    assert [(n["deed"], n["by"]) for n in kept["notes"]] == [("bereaved", "Kim")]


async def test_a_correction_is_announced_for_every_registration_and_wish(service: Running) -> None:
    first, second = await service.plan(), await service.plan()
    for one in (first, second):
        await service.register(one, "Astrid")
    wish = await make_wish(service, "Astrid")
    link = await link_of(service, first, "Astrid")
    answer = await own(service, link, "/details", name="Astrid Ek", phone="070-123 45 67", language="da")
    assert answer.status_code == 200, answer.text
    rows = await service.announced("participant-contact-changed")
    ids = {(await service.named(one, "Astrid Ek"))["participant_id"] for one in (first, second)} | {wish}
    assert sorted(row["sequence"] for row in rows if row["key"] in ids) == [1, 1, 1, 2, 2, 2]
    now = await contacts_now(service)
    assert {(c.name, c.email, c.phone, c.language) for c in now.values()} == {("Astrid Ek", None, "+46701234567", "da")}
    person = await person_of(service, first, "Astrid Ek")
    spoken = {"name": "Astrid Ek", "phone": "070-123 45 67"}
    assert (await service.staff.put(f"/api/registration/people/{person}/details", json=spoken)).status_code == 200
    await service.register(first, "Astrid Ek", phone="0046 70 123 45 67", email="")
    assert (await service.named(first, "Astrid Ek"))["repeated"] == 1, (
        "whom staff have spoken with is known by the form"
    )


async def test_who_takes_anothers_name_and_contact_first_does_not_become_them(service: Running) -> None:
    """The other way round is refused; see below."""
    course, other = await service.plan(), await service.plan()
    await service.register(course, "Eve")
    link = await link_of(service, course, "Eve")
    anna = {"name": "Anna", "email": "anna@example.org"}
    assert (await own(service, link, "/details", **anna)).status_code == 200
    await service.register(other, "Anna")
    assert [r["programme_id"] for r in (await own(service, link)).json()["registrations"]] == [course["programme_id"]]
    person = await person_of(service, course, "Anna")
    taken = await service.staff.put(f"/api/registration/people/{person}/details", json=anna)
    assert taken.status_code == 409, "not by staff either, without a word"
    back = await own(service, link, "/details", name="Eve", email="eve@example.org")
    assert back.status_code == 200
    await service.register(course, "Anna")
    assert len((await own(service, await link_of(service, other, "Anna"))).json()["registrations"]) == 2


async def test_reminders_alone_are_announced_and_nothing_at_all_is_not(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    link = await link_of(service, course, "Astrid")
    same = {"name": "Astrid", "email": "astrid@example.org"}
    await own(service, link, "/details", **same, language="sv", reminders=True)
    assert len(await service.announced("participant-contact-changed")) == 1
    await own(service, link, "/details", **same, reminders=False)
    assert [c.reminders for c in (await contacts_now(service)).values()] == [False]
    assert len(await service.announced("participant-contact-changed")) == 2


async def test_two_people_are_never_joined_by_a_correction(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    await service.register(course, "Bo", email="shared@example.org")
    link = await link_of(service, course, "Astrid")
    answer = await own(service, link, "/details", name="bo", email="Shared@example.org")
    assert answer.status_code == 409
    assert "never join" in answer.text
    assert (await service.named(course, "Astrid"))["email"] == "astrid@example.org"
    ok = await own(service, link, "/details", name="Astrid", email="shared@example.org")
    assert ok.status_code == 200, "a couple shares an address"


async def test_a_letter_reaches_who_has_neither_mail_nor_telephone(service: Running) -> None:
    course = await service.plan()
    address = "Hantverkargatan 3\n573 31 Tranås"
    answer = await service.register(course, "Astrid", email="", address=address + "\n")
    assert answer.status_code == 202, answer.text
    row = await service.named(course, "Astrid")
    assert (row["email"], row["phone"], row["address"]) == (None, None, address)
    assert [c.address for c in (await contacts_now(service)).values()] == [address]
    await service.register(course, "Astrid", email="", address=" hantverkargatan  3, 573 31 Tranås")
    assert (await service.named(course, "Astrid"))["repeated"] == 1, "the same address on one line"
    both = await service.register(course, "Bo", address=address)
    assert [e["field"] for e in both.json()["errors"]] == ["address"]
    short = await service.register(course, "Bo", email="", address="Tranås")
    assert [e["field"] for e in short.json()["errors"]] == ["address"]


async def test_a_pause_stops_messages_for_all_at_once_and_is_taken_back(service: Running) -> None:
    first, second = await service.plan(), await service.plan()
    for one in (first, second):
        await service.register(one, "Astrid")
    await make_wish(service, "Astrid")
    link = await link_of(service, first, "Astrid")
    assert (await own(service, link, "/pause")).json()["life_event"] == "paused"
    assert [c.paused for c in (await contacts_now(service)).values()] == [True, True, True]
    await own(service, link, "/pause")
    assert len(await service.announced("participant-contact-changed")) == 6, "again changes nothing"
    kept = (await own(service, link, "/pause/end")).json()
    assert [(n["deed"], n["by"]) for n in kept["notes"]] == [("taken_back", "own"), ("paused", "own")]
    assert [c.paused for c in (await contacts_now(service)).values()] == [False, False, False]


async def test_who_wants_no_messages_keeps_the_turn_and_is_asked_when_they_do_again(service: Running) -> None:
    course = await service.plan(patient=1, relative=0, promotion="offer")
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(course, name)
    bo = await link_of(service, course, "Bo")
    await own(service, bo, "/pause")
    await service.http.post("/api/registration/cancellations", json={"token": await link_of(service, course, "Astrid")})
    assert await service.statuses(course) == {"Astrid": "cancelled", "Bo": "waiting", "Cilla": "offered"}
    await service.due()
    cilla = {"token": await link_of(service, course, "Cilla"), "accept": False}
    assert (await service.http.post("/api/registration/offers", json=cilla)).status_code == 200
    assert (await service.statuses(course))["Bo"] == "waiting"
    await own(service, bo, "/pause/end")
    await service.due()
    assert (await service.statuses(course))["Bo"] == "offered"


async def test_a_wish_waits_for_who_wants_no_messages_and_is_met_when_they_do_again(service: Running) -> None:
    wish = service.link(await make_wish(service, "Astrid"), purpose="wish")
    await own(service, wish, "/pause")
    await make_wish(service, "Bo")
    cafe = await service.plan(**CAFE_PLAN)
    assert await service.statuses(cafe) == {"Bo": "offered"}
    await own(service, wish, "/pause/end")
    assert await service.statuses(cafe) == {"Astrid": "offered", "Bo": "offered"}


async def test_who_is_forgotten_is_given_no_place_when_a_workshop_goes_on(service: Running) -> None:
    workshop = await service.plan(patient=1, relative=0, days=1, kind="workshop")
    for name in ("Astrid", "Bo", "Cilla"):
        await service.register(workshop, name)
    bo = await link_of(service, workshop, "Bo")
    service.later(days=20)
    await own(service, bo, "/erasure")
    first = service.delivery.clock.now() + timedelta(days=9)
    more = {"sessions": [{"at": first.isoformat(), "theme": "Once more"}]}
    address = f"/api/registration/programmes/{workshop['programme_id']}/sessions"
    assert (await service.staff.post(address, json=more)).status_code == 201
    await service.http.post(
        "/api/registration/cancellations", json={"token": await link_of(service, workshop, "Astrid")}
    )
    assert (await service.statuses(workshop))["Cilla"] == "confirmed"


async def test_who_is_forgotten_leaves_counts_and_gives_the_place_on(service: Running) -> None:
    past = await service.plan(days=1)
    coming = await service.plan(patient=1, days=40)
    for one in (past, coming):
        await service.register(one, "Astrid", referred_by="The ward")
        await service.register(one, "Bo")
    wish = await make_wish(service, "Astrid", about="a rare thing")
    ids = {(await service.named(one, "Astrid"))["participant_id"] for one in (past, coming)} | {wish}
    link = await link_of(service, past, "Astrid")
    service.later(days=10)
    session = past["sessions"][0]["session_id"]
    astrid = (await service.named(past, "Astrid"))["participant_id"]
    await service.staff.put(f"/api/registration/sessions/{session}/attendance", json={"attended": [astrid]})
    before = (await service.registrations(past))["counts"]
    assert (await own(service, link, "/erasure")).json() == {"status": "forgotten"}

    assert (await service.registrations(past))["counts"] == before
    assert (await service.statuses(coming))["Bo"] == "confirmed", "the place went on"
    rows = (await service.registrations(coming))["registrations"]
    assert {(r["name"], r["email"], r["status"], r["referred_by"]) for r in rows if r["participant_id"] in ids} == {
        (None, None, "cancelled", None)
    }
    attended = (await service.staff.get(f"/api/registration/sessions/{session}/attendance")).json()["attended"]
    assert attended == [astrid]
    assert {row["key"] for row in await service.announced("subject-erased")} == ids
    last = {row["key"]: row for row in await service.announced("participant-contact-changed")}
    now = await contacts_now(service)
    assert {id for id, contact in now.items() if contact is None} == ids
    assert all(last[id]["sequence"] == 2 and last[id]["value"] is None for id in ids)
    stored = await stored_text(service)
    assert "astrid" not in stored
    assert "a rare thing" not in stored, "of a wish nothing is kept"

    again = await own(service, link, "/erasure")
    assert (again.status_code, again.json()["type"]) == (410, "urn:motesplats:problem:forgotten")
    assert len(await service.announced("subject-erased")) == len(ids)
    staff_page = await service.staff.get(f"/staff/programmes/{past['programme_id']}")
    assert staff_page.status_code == 200
    attendance_page = await service.staff.get(f"/staff/programmes/{past['programme_id']}/sessions/{session}")
    assert attendance_page.status_code == 200


async def stored_text(service: Running) -> str:
    """All that the service keeps outside its outbox, in small letters."""
    found = []
    for name in await service.delivery.db.list_collection_names():
        if name != "outbox":
            found += [str(row) async for row in service.delivery.db[name].find({})]
    return "\n".join(found).casefold()


async def test_nobody_is_forgotten_beside_what_they_are_just_asking_for(service: Running) -> None:
    first, second = await service.plan(), await service.plan()
    await service.register(first, "Astrid")
    link = await link_of(service, first, "Astrid")
    once_more = Application(role=Role.PATIENT, name="Astrid", email="astrid@example.org", consent=True)
    erasing: list[asyncio.Task[Any]] = []

    async def registers(tx: Transaction) -> None:
        await register_participant(tx, second["programme_id"], once_more, service.settings.zone)
        if not erasing:
            erasing.append(asyncio.create_task(own(service, link, "/erasure")))
            # Done by then, unless the store lets it wait for this transaction.
            await asyncio.wait(erasing, timeout=2)

    await service.delivery.transact(registers)
    assert (await erasing[0]).is_success
    people = {row["_id"] async for row in service.delivery.db.people.find({}, {"_id": 1})}
    active = service.delivery.db.registrations.find({"status": {"$ne": "cancelled"}})
    assert [row["_id"] async for row in active if row["person_id"] not in people] == []


async def test_the_registrations_of_somebody_forgotten_are_not_found_by_each_other(service: Running) -> None:
    first, second = await service.plan(), await service.plan()
    for one in (first, second):
        await service.register(one, "Astrid")
    await own(service, await link_of(service, first, "Astrid"), "/erasure")
    people = {row["person_id"] async for row in service.delivery.db.registrations.find({})}
    assert len(people) == 2
    await service.register(first, "Astrid")
    assert len((await service.registrations(first))["registrations"]) == 2, "who comes again is somebody new"


async def test_an_offer_that_is_held_for_a_wish_is_given_up_with_it(service: Running) -> None:
    wish = await make_wish(service, "Astrid")
    await make_wish(service, "Bo")
    cafe = await service.plan(patient=1, kind="learning_cafe", about="heart failure")
    assert await service.statuses(cafe) == {"Astrid": "offered"}
    assert (await own(service, service.link(wish, purpose="wish"), "/erasure")).status_code == 200
    assert await service.statuses(cafe) == {None: "cancelled", "Bo": "offered"}


async def test_who_is_forgotten_in_time_holds_no_place_in_a_group_that_goes_on(given: dict[str, Any]) -> None:
    async with serving(given, retention_months=3) as service:
        group = await service.plan(patient=1, relative=0, kind="self_help_group", days=1)
        for name in ("Astrid", "Bo"):
            await service.register(group, name)
        service.later(days=120)
        await service.due()
        rows = (await service.registrations(group))["registrations"]
        assert [(row["name"], row["status"]) for row in rows] == [(None, "cancelled")] * 2
        told = [json.loads(row["value"]) for row in await service.announced("registration-cancelled")]
        reasons = {(one["held_a_place"], one["reason"]) for one in told}
        assert reasons == {(True, "membership_ended"), (False, "staff")}, "who only waited was no member"
        autumn = (service.delivery.clock.now() + timedelta(days=30)).isoformat()
        body = {"sessions": [{"at": autumn, "theme": "Autumn"}]}
        more = await service.staff.post(f"/api/registration/programmes/{group['programme_id']}/sessions", json=body)
        assert more.status_code == 201, more.text
        await service.register(group, "Cilla")
        assert (await service.statuses(group))["Cilla"] == "confirmed"


async def test_people_are_forgotten_by_themselves_when_the_time_has_come(given: dict[str, Any]) -> None:
    async with serving(given, retention_months=3) as service:
        short, long = await service.plan(days=1), await service.plan(days=150)
        await service.register(short, "Astrid")
        await service.register(short, "Bo")
        await service.register(long, "Bo")
        await make_wish(service, "Cilla")
        await service.register(long, "Dan")
        dan = await link_of(service, long, "Dan")
        await service.http.post("/api/registration/cancellations", json={"token": dan})
        service.later(days=60)
        await service.due()
        assert await service.announced("subject-erased") == []
        service.later(days=50)
        await service.due()
        assert await service.statuses(short) == {None: "confirmed", "Bo": "confirmed"}
        assert (await service.statuses(long))[None] == "cancelled", "Dan had cancelled long ago"
        assert len(await service.announced("subject-erased")) == 2
        assert len(await service.delivery.db.people.find({}).to_list(None)) == 2, "Bo, and Cilla who still waits"
        for _ in range(4):
            service.later(days=31)
            await service.due()
        assert len(await service.announced("subject-erased")) == 2
        for _ in range(2):
            service.later(days=31)
            await service.due()
        assert len(await service.announced("subject-erased")) == 4, "Bo, under both ids"
        assert await service.delivery.db.people.count_documents({}) == 1
        notes = [row async for row in service.delivery.db.notes_on_people.find({})]
        assert {(row["deed"], row["by"]) for row in notes} == {("forgotten", "time")}


async def test_a_deleted_contact_is_a_tombstone_on_the_real_broker(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    link = await link_of(service, course, "Astrid")
    await own(service, link, "/erasure")
    (id,) = [row["key"] for row in await service.announced("subject-erased")]
    values = await values_of(service, "participant-contact-changed", id, 2)
    assert b"Astrid" not in (values[-1] or b"")
    assert values[-1] in (None, b"")


async def values_of(service: Running, topic: str, key: str, at_least: int) -> list[bytes | None]:
    """What the broker has of a key, once there is so much of it."""
    consumer = AIOKafkaConsumer(bootstrap_servers=service.settings.kafka_bootstrap_servers)
    await consumer.start()
    try:
        parts = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or {0}]
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        found: list[bytes | None] = []
        async with asyncio.timeout(20):
            while len(found) < at_least:
                batches = await consumer.getmany(timeout_ms=200)
                found += [r.value for batch in batches.values() for r in batch if r.key == key.encode()]
        return found
    finally:
        await consumer.stop()
