"""The running service: events over the broker, the trial mailbox, the staff's pages and the API."""

import asyncio
import email.policy
import io
import logging
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
from icalendar import Calendar
from pydantic import ValidationError

from services.notification import store
from services.notification.mail_catcher import MailCatcher
from services.notification.settings import Settings
from shared import logs
from shared.delivery import Delivery
from tests.notification.people import somebody
from tests.notification.running import HOST, Running, coming, until


async def test_an_event_becomes_a_mail_in_the_trial_mailbox(running: Running) -> None:
    course, person = coming(running), somebody()
    address = f"{person}@example.org"
    await running.tell(
        course.contact(person, email=address, language="da"), course.registered(person), course.planned()
    )
    [mail] = await running.mails(address)
    assert mail["subject"] == "Din tilmelding"
    assert mail["links"][0].startswith(f"{HOST}/my/")
    assert (await running.get("/api/notification/trial/mail", after=mail["id"], to=address)).json()["mails"] == []

    await running.noted_as_sent(f"confirmation:{person}:1")
    counts = (await running.get("/api/notification/messages", programme_id=course.programme_id)).json()
    assert counts["sent"]["confirmation"] == 1
    assert counts["queued"]["reminder"] == 2
    assert (counts["due"], counts["calls"], counts["failed"]) == (0, 0, 0)

    mailbox = (await running.get("/trial/mail", to=address.upper())).text
    assert f"/trial/mail/{mail['id']}" in mailbox
    page = (await running.get(f"/trial/mail/{mail['id']}")).text
    assert f'<a href="{mail["links"][0]}">' in page
    file = await running.get(f"/trial/mail/{mail['id']}/attachments/1")
    assert len(Calendar.from_ical(file.content).walk("VEVENT")) == 2
    assert file.headers["content-disposition"].startswith("attachment;")
    assert (await running.get(f"/trial/mail/{mail['id']}/attachments/2")).status_code == 404
    assert (await running.get("/trial/mail/nothing")).status_code == 404


async def test_no_log_line_holds_an_address_a_name_a_link_or_a_token(running: Running) -> None:
    handlers = logging.getLogger().handlers[:]
    written = io.StringIO()
    logs.configure(written, logging.DEBUG)
    try:
        course, person = coming(running), somebody()
        await running.tell(
            course.planned(),
            course.registered(person),
            course.contact(person, email=f"{person}@example.org", name="Signhild"),
        )
        [mail] = await running.mails(f"{person}@example.org")

        async def noted() -> bool:
            return "message_sent" in written.getvalue()

        await until(noted)
    finally:
        logging.getLogger().handlers[:] = handlers
    lines = written.getvalue()
    for secret in ("example.org", "Signhild", course.title, mail["links"][0].rpartition("/")[2], "/my/"):
        assert secret not in lines


async def test_the_mailbox_and_the_staff_pages_are_for_staff(running: Running) -> None:
    for path in ("/api/notification/messages", "/api/notification/calls", "/api/notification/trial/mail"):
        assert (await running.client.get(path)).status_code == 401
    for path in ("/staff/messages", "/staff/letters/x", "/trial/mail", "/trial/mail/x"):
        assert (await running.client.get(path)).status_code in {303, 307, 401}
    assert (await running.client.post("/staff/messages", data={})).status_code in {303, 307, 401}


async def test_the_coordinator_calls_whom_no_mail_reaches(running: Running) -> None:
    course, person = coming(running, organiser="Föreningen"), somebody()
    await running.tell(
        course.planned(),
        course.registered(person),
        course.contact(person, email=None, phone="+46701234567", name="Börje"),
    )

    async def look() -> list[dict[str, Any]]:
        return (await running.get("/api/notification/calls", "Föreningen")).json()["calls"]  # type: ignore[no-any-return]

    [call] = await until(look)
    assert (call["name"], call["phone"], call["kind"]) == ("Börje", "+46701234567", "confirmation")
    assert call["say"].startswith("Du har en plats.")
    assert (await running.get("/api/notification/calls", "Kliniken")).json()["calls"] == []

    page = (await running.get("/staff/messages", "Föreningen")).text
    assert '<a href="tel:+46701234567">' in page and call["letter"] in page and "Börje" in page
    assert "Börje" not in (await running.get("/staff/messages", "Kliniken")).text
    letter = await running.get(call["letter"], "Föreningen")
    assert f"{HOST}/my/" in letter.text and '<article class="letter" lang="sv">' in letter.text
    assert letter.headers["cache-control"] == "no-store"
    assert (await running.get(call["letter"], "Kliniken")).status_code == 403

    done = await running.post("/staff/messages", "Föreningen", action="called", message=call["message_id"])
    assert (done.status_code, done.headers["location"]) == (303, "/staff/messages#called")
    assert await look() == []
    assert "Undo" in (await running.get("/staff/messages", "Föreningen")).text
    await running.post("/staff/messages", "Föreningen", action="undo", message=call["message_id"])
    assert len(await look()) == 1
    path = f"/api/notification/calls/{call['message_id']}/done"
    assert (await running.client.post(path, headers=running.as_staff("Kliniken"))).status_code == 403
    assert (await running.client.post(path, headers=running.as_staff("Föreningen"))).json() == {"status": "called"}
    again = await running.post("/staff/messages", "Föreningen", action="retry", message=call["message_id"])
    assert again.status_code == 422
    assert "This message has not failed" in again.text
    assert (await running.post("/staff/messages", action="burn", message="x")).status_code == 422


@pytest.mark.parametrize(("language", "words"), [("sv", "Ingen att ringa"), ("da", "Ingen at ringe til")])
async def test_an_empty_page_says_what_will_be_there(running: Running, language: str, words: str) -> None:
    page = await running.get("/staff/messages", "Nobody", language=language)
    assert page.status_code == 200
    assert words in page.text


async def test_what_did_not_get_through_is_shown_with_its_reason_and_a_way_on(running: Running) -> None:
    course, person = coming(running), somebody()
    address = f"{person}@example.org"
    await running.tell(course.planned(), course.registered(person), course.contact(person, email=address))
    message_id = f"confirmation:{person}:1"
    await running.noted_as_sent(message_id)
    refused = {"$set": {"status": "failed", "reason": "refused"}}
    await running.notification.db.messages.update_one({"_id": message_id}, refused)
    page = (await running.get("/staff/messages")).text
    assert address in page
    assert "The mail server of the address does not take it" in page
    assert (await running.get(f"/staff/letters/{message_id}")).status_code == 200
    assert (await running.post("/staff/messages", action="retry", message=message_id)).status_code == 303

    await running.noted_as_sent(message_id)
    assert len(await running.mails(address)) == 1, "the mailbox knows the mail by its Message-ID"
    assert (await running.get(f"/staff/letters/{message_id}")).status_code == 404


async def test_the_catcher_keeps_a_mail_once_and_says_so_only_when_it_is_kept(given: dict[str, Any]) -> None:
    settings = Settings(**given)
    delivery = Delivery("notification", settings)
    await store.indexes(delivery.db)
    catcher = MailCatcher(delivery.db, settings, delivery.clock)
    running = asyncio.create_task(catcher.run())
    host, port = await catcher.where()
    assert host == "127.0.0.1"
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "a@example.org", "Astrid@Example.org", "Hej"
    mail["Message-ID"] = "<same@example.org>"
    mail.set_content("Text")
    for _ in range(2):
        await aiosmtplib.send(mail, hostname=host, port=port, start_tls=False)
        assert await delivery.db.trial_mail.count_documents({"to": "astrid@example.org"}) == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    delivery.db.client.close()


def test_where_people_are_served_a_mail_server_must_be_named(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="SMTP_HOST is needed") as refused:
        Settings(**{**given, "trial": False})
    assert "mongodb://" not in str(refused.value)
    assert not Settings(**{**given, "trial": False}, smtp_host="mail.example.org").catches_mail
    assert Settings(**given).catches_mail
