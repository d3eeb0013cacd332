"""The staff's pages and API for those whom no mail reaches: protected identities, letters, pauses."""

import io
import logging
from typing import Any

from motesplats_events import Format
from shared import logs
from tests.notification.people import somebody, wished
from tests.notification.running import Running, coming, until

ADDRESS = "Storgatan 1\n553 20 Jönköping"


async def letters(running: Running, *organisers: str, at_least: int = 1) -> list[dict[str, Any]]:
    async def look() -> list[dict[str, Any]]:
        found = (await running.get("/api/notification/letters", *organisers)).json()["letters"]
        return found if len(found) >= at_least else []

    return await until(look)  # type: ignore[no-any-return]


async def test_a_protected_identity_is_on_the_list_without_a_name_and_with_the_way_to_it(running: Running) -> None:
    course, person, wish = coming(running, organiser="Skyddet"), somebody(), somebody()
    await running.tell(
        course.planned(),
        course.registered(person),
        course.contact(person, name="", email=None, protected=True),
        wished(wish),
        course.contact(wish, name="", email=None, protected=True),
    )

    async def look() -> list[dict[str, Any]]:
        found = (await running.get("/api/notification/calls")).json()["calls"]
        return [call for call in found if person in call["message_id"] or wish in call["message_id"]]

    await until(lambda: _both(look))
    calls = {call["kind"]: call for call in await look()}
    there = f"/staff/programmes/{course.programme_id}/registrations/{person}"
    assert calls["confirmation"]["registration"] == there
    assert calls["wish_noted"]["registration"] == ""
    for call in calls.values():
        assert (call["name"], call["phone"], call["protected"]) == ("", None, True)
    page = (await running.get("/staff/messages", "Skyddet")).text
    assert "Protected identity" in page and f'<a href="{there}">' in page
    assert "Told by the coordinator" in page
    letter = (await running.get(calls["confirmation"]["letter"], "Skyddet")).text
    assert "/my/" in letter, "the coordinator can hand it over"


async def _both(look: Any) -> bool:
    return len(await look()) == 2


async def test_letters_come_a_page_each_in_the_order_of_names_and_are_marked_as_posted(running: Running) -> None:
    course = coming(running, organiser="Brevvännerna")
    assert "No letters to print" in (await running.get("/staff/letters", "Brevvännerna")).text
    people = {name: somebody() for name in ("Östen", "Agda", "Bo")}
    await running.tell(course.planned())
    for name, person in people.items():
        contact = course.contact(person, name=name, email=None, address=f"{name}s gata 1\n553 20 Jönköping")
        await running.tell(course.registered(person), contact)
    found = await letters(running, "Brevvännerna", at_least=3)
    assert [letter["name"] for letter in found] == ["Agda", "Bo", "Östen"]
    assert found[0]["address"] == "Agdas gata 1\n553 20 Jönköping"
    assert (await running.get("/api/notification/letters", "Kliniken")).json()["letters"] == []
    counts = (await running.get("/api/notification/messages", programme_id=course.programme_id)).json()
    assert (counts["letters"], counts["calls"]) == (3, 0)

    messages = (await running.get("/staff/messages", "Brevvännerna")).text
    assert 'href="/staff/letters"' in messages and "3 letters wait" in messages
    page = await running.get("/staff/letters", "Brevvännerna")
    assert page.headers["cache-control"] == "no-store"
    assert page.text.count('<article class="letter" lang="sv">') == 3
    assert page.text.index("Agdas gata") < page.text.index("Bos gata") < page.text.index("Östens gata")
    assert "Agda" not in (await running.get("/staff/letters", "Kliniken")).text

    ids = [letter["message_id"] for letter in found]
    await running.tell(course.cancelled(people["Bo"]), sequence=2)
    await letters(running, "Brevvännerna", at_least=3)

    async def overtaken() -> bool:
        now = await letters(running, "Brevvännerna")
        return ids[1] not in [letter["message_id"] for letter in now]

    await until(overtaken)
    answer = await running.client.post("/staff/letters", headers=running.as_staff("Brevvännerna"), data={"letter": ids})
    assert answer.status_code == 200
    assert "Please do not post these" in answer.text and "Bo</bdi>: Confirmation" in answer.text
    [left] = await letters(running, "Brevvännerna")
    assert (left["name"], left["kind"]) == ("Bo", "cancelled")
    done = await running.post("/staff/letters", "Brevvännerna", letter=left["message_id"])
    assert (done.status_code, done.headers["location"]) == (303, "/staff/messages#called")
    path = f"/api/notification/calls/{left['message_id']}/undo"
    assert (await running.client.post(path, headers=running.as_staff("Brevvännerna"))).json() == {"status": "letter"}
    assert (await running.post("/staff/letters", "Kliniken", letter=left["message_id"])).status_code == 403
    assert (await running.post("/staff/letters", "Brevvännerna")).status_code == 422


async def test_the_letters_are_for_staff(running: Running) -> None:
    assert (await running.client.get("/api/notification/letters")).status_code == 401
    assert (await running.client.get("/staff/letters")).status_code in {303, 307, 401}
    assert (await running.client.post("/staff/letters", data={"letter": "x"})).status_code in {303, 307, 401}


async def test_what_is_held_back_is_counted_and_not_listed(running: Running) -> None:
    course, person = coming(running, organiser="Paus"), somebody()
    contact = {"email": None, "phone": "+46701234567", "name": "Börje"}
    await running.tell(course.planned(), course.registered(person), course.contact(person, **contact, paused=True))

    async def held_back() -> bool:
        counts = (await running.get("/api/notification/messages", programme_id=course.programme_id)).json()
        return bool(counts["paused"] == 3 and counts["due"] == 0)

    await until(held_back)
    page = (await running.get("/staff/messages", "Paus")).text
    assert "Börje" not in page and "Held back: the person wants no messages for now." in page


async def test_no_log_line_holds_a_meeting_link_or_the_words_of_an_answer(running: Running) -> None:
    handlers = logging.getLogger().handlers[:]
    written = io.StringIO()
    logs.configure(written, logging.DEBUG)
    try:
        course, person, applicant = coming(running), somebody(), somebody()
        await running.tell(
            course.planned(format=Format.DIGITAL), course.meets_at("https://meet.example.net/secret-room")
        )
        await running.tell(course.registered(person), course.contact(person, email=f"{person}@example.org"))
        await running.tell(course.registered(applicant, applied=True))
        await running.tell(course.contact(applicant, email=f"{applicant}@example.org"))
        await running.tell(
            course.answered(applicant, True, "Sagt i förtroende"), course.promoted(applicant), sequence=2
        )
        [mail] = await running.mails(f"{person}@example.org")
        assert "https://meet.example.net/secret-room" in mail["links"]
        mails = await running.mails(f"{applicant}@example.org")
        await until(lambda: _answered(running, applicant))
    finally:
        logging.getLogger().handlers[:] = handlers
    assert mails
    for secret in ("secret-room", "Sagt i förtroende"):
        assert secret not in written.getvalue()


async def _answered(running: Running, applicant: str) -> bool:
    return any("Sagt i förtroende" in mail["text"] for mail in await running.mails(f"{applicant}@example.org"))
