"""Text messages: by mail to a gateway that makes an SMS of it, where there is one; whom it does not reach is called."""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from motesplats_events import CancellationReason, SurveyInvitationsMinted, VolunteerRole
from services.notification.domain.messages import Kind, Reason, Status
from services.notification.domain.people import Contact
from services.notification.domain.sending import MOST_TRIES, Outcome, decide
from services.notification.mail.compose import compose_sms
from services.notification.mail.reading import read
from services.notification.mail.smtp import Unreachable
from services.notification.settings import Settings
from services.notification.use_cases import by_hand
from shared.contact import read_contact, takes_sms
from tests.notification.people import FIRST, Course, somebody
from tests.notification.running import HOST, Running, coming, runs, until
from tests.notification.telling import LINK, NOW
from tests.notification.test_words import EVERY, GSM_7, NAMES, PAGES, SETTINGS, say, tell
from tests.notification.world import COORDINATOR, FIRST_REMINDER, World, confirmed, held

NUMBER = "+46701234567"
GATEWAY = "sms.region.example"
INBOX = f"46701234567@{GATEWAY}"
WITH_GATEWAY = SETTINGS.model_copy(update={"sms_gateway_domain": GATEWAY})


@pytest.fixture
def notification_settings(given: dict[str, Any]) -> Settings:
    return Settings(**given, smtp_host="127.0.0.1", smtp_tls="none", sms_gateway_domain=GATEWAY)


@pytest.fixture
async def running(given: dict[str, Any]) -> AsyncIterator[Running]:
    async with runs(Settings(**given, public_url=HOST, sms_gateway_domain=GATEWAY)) as running:
        yield running


async def calls(world: World) -> dict[Kind, Reason | None]:
    return {one.kind: one.reason for one in await by_hand.calls(world.delivery.reading, COORDINATOR)}


def texted(name: str, language: str = "sv") -> str:
    """What the gateway gets to send."""
    message, known = tell(name, language, email=None, phone=NUMBER)
    return read(compose_sms(message, known, WITH_GATEWAY, PAGES, NOW).as_bytes()).text


def parts(text: str) -> int:
    """How many SMS a text takes, all of its characters being of GSM-7."""
    return 1 if len(text) <= 160 else -(-len(text) // 153)


# What they say


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_text_message_is_short_says_from_whom_and_lies_on_a_locked_screen(name: str, language: str) -> None:
    text = texted(name, language)
    assert set(text) <= GSM_7, set(text) - GSM_7
    assert text.startswith("Mötesplats: ")
    assert parts(re.sub(r"http\S+", "", text)) <= 2
    assert parts(text) <= 3
    for secret in ("cancer", "onkolog", "Sjukdomen", "Astrid", LINK):
        assert secret.casefold() not in text.casefold()


TO_THE_OWN_PAGE = {
    "assignment moved",
    "assignment without a date",
    "shifts elsewhere",
    "peer of a group, session moved",
    "peer of a group, session cancelled",
}
"""Where the main link of the mail is of one among several, or gives up what has only changed."""


@pytest.mark.parametrize("name", NAMES)
def test_its_one_link_is_a_personal_one_of_the_mail_and_is_called_the_own_page_where_it_is(name: str) -> None:
    links = say(name).links
    personal = links.own_page if name in TO_THE_OWN_PAGE else links.main or links.own_page
    text = texted(name, "en")
    assert re.findall(r"http\S+", text) == ([personal] if personal else [])
    assert ("Your own page: http" in text) is bool(re.search("/(my|volunteer)/", personal))


def test_who_does_several_things_in_a_whole_programme_gets_the_page_where_they_stand_together() -> None:
    message, known = tell("leader, session moved", email=None, phone=NUMBER)
    (leads,) = known.assignments
    both = replace(known, assignments=[leads, replace(leads, assignment_id="b", role=VolunteerRole.LECTURER)])
    text = read(compose_sms(message, both, WITH_GATEWAY, PAGES, NOW).as_bytes()).text
    assert re.findall(r"\.org/(\w+)/", text) == ["volunteer"]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"application accepted", "application declined"}))
def test_a_text_message_promises_no_letter_and_what_is_said_on_the_telephone_does_so_still(name: str) -> None:
    assert "letter" not in texted(name, "en")
    if "survey" in name or name == "volunteer welcome":
        assert "You get a letter" in say(name, "en", email=None, phone=NUMBER).short


def test_it_is_a_mail_of_plain_text_with_the_senders_name_as_its_subject() -> None:
    message, known = tell("confirmation", email=None, phone=NUMBER)
    mail = compose_sms(message, known, WITH_GATEWAY, PAGES, NOW)
    assert (mail["To"], mail["Subject"], mail.get_content_type()) == (INBOX, "Mötesplats", "text/plain")
    assert mail["Message-ID"] == "<f00d@motesplats.invalid>"
    assert mail.get_content().startswith(
        "Mötesplats: Du har en plats. Första träffen är tisdag 25 mars 2025 kl. 17:00."
    )
    assert not list(mail.iter_attachments())


# Whom they reach


@pytest.mark.parametrize(
    ("typed", "reached"),
    [
        ("070-123 45 67", True),
        ("+45 20 12 34 56", True),
        ("+47 912 34 567", True),
        ("+358 40 123 4567", True),
        ("+354 611 1234", True),
        ("036-12 34 56", False),
        ("08-123 456 78", False),
        ("0771-12 34 56", False),
        ("+45 90 12 34 56", False),
        ("+47 22 12 34 56", False),
        ("+358 9 123 4567", False),
        ("+44 7700 900123", False),
    ],
)
def test_a_nordic_mobile_takes_text_messages_and_no_line_to_a_house_costly_or_distant_number(
    typed: str, reached: bool
) -> None:
    assert takes_sms(read_contact("", typed).phone) is reached


@pytest.mark.parametrize(
    ("contact", "outcome"),
    [
        (Contact("astrid", "Astrid", phone=NUMBER), Outcome.SMS),
        (Contact("astrid", "Astrid", phone="+4636123456"), Outcome.CALL),
        (Contact("astrid", "Astrid", phone=NUMBER, protected=True), Outcome.CALL),
        (Contact("astrid", "Astrid", phone=NUMBER, paused=True), Outcome.HOLD),
        (Contact("astrid", "Astrid", "astrid@example.org"), Outcome.SEND),
        (Contact("astrid", "Astrid", address="Storgatan 1"), Outcome.LETTER),
    ],
)
def test_only_who_left_a_mobile_number_alone_is_texted(contact: Contact, outcome: Outcome) -> None:
    message, known = tell("session survey")
    there = replace(known, contact=contact)
    assert decide(message, there, SETTINGS.zone, NOW, sms=True).outcome is outcome
    without = Outcome.CALL if outcome is Outcome.SMS else outcome
    assert decide(message, there, SETTINGS.zone, NOW, sms=False).outcome is without


async def test_who_left_a_mobile_number_is_confirmed_and_reminded_by_text_message(world: World) -> None:
    await confirmed(world, Course(weeks=1), somebody(), email=None, phone=NUMBER)
    world.time(FIRST_REMINDER)
    await world.work()
    first, second = (read(mail.as_bytes()).text for mail in world.server.to(INBOX))
    assert first.startswith("Mötesplats: Du har en plats.") and "Din egen sida: http://127.0.0.1:8080/my/" in first
    assert second.startswith("Mötesplats: Välkommen tisdag 28 januari 2025 kl. 17:00. Plats: Konferensrummet.")
    assert await calls(world) == {}


async def test_others_with_a_telephone_are_called_as_ever(world: World) -> None:
    course = Course()
    await confirmed(world, course, somebody(), email=None, phone="+4636123456")
    await confirmed(world, course, somebody(), name="", email=None, protected=True)
    assert world.server.received == []
    assert len(await by_hand.calls(world.delivery.reading, COORDINATOR)) == 2


async def test_an_answer_to_an_application_is_told_in_person(world: World) -> None:
    course, person = Course(weeks=0), somebody()
    await world.hear(
        world.record(course.planned(), 1),
        world.record(course.registered(person, applied=True), 1),
        world.record(course.contact(person, email=None, phone=NUMBER), 1),
    )
    await world.work()
    answer = course.answered(person, False, "Vi har redan många.")
    declined = course.cancelled(person, False, CancellationReason.APPLICATION_DECLINED)
    await world.hear(world.record(answer, 2), world.record(declined, 3))
    await world.work()
    assert len(world.server.to(INBOX)) == 1
    assert "Vi har redan många" not in world.server.received[0].get_content()
    assert Kind.APPLICATION_ANSWERED in await calls(world)


async def test_a_surveys_link_leaves_with_the_text_message_and_is_kept_nowhere(world: World) -> None:
    course, person = Course(), somebody()
    await confirmed(world, course, person, email=None, phone=NUMBER)
    world.time(FIRST + timedelta(hours=2))
    await held(world, course, 0, [person])
    await world.work()
    [token] = re.findall(r"/surveys/(\S+)", world.server.received[-1].get_content())
    [row] = await world.outbox("survey-invitations-minted")
    minted = SurveyInvitationsMinted.model_validate_json(row["value"])
    assert minted.token_hashes == [hashlib.sha256(token.encode()).hexdigest()]
    for name in await world.delivery.db.list_collection_names():
        assert token not in repr(await world.delivery.db[name].find({}).to_list(None)), f"a token is left in {name}"


# When the gateway does not take them


async def test_a_number_that_the_gateway_refuses_is_called_and_nobody_else_waits(world: World) -> None:
    world.server.answer = lambda address: "550 5.1.1 No such number" if address == INBOX else None
    course, person = Course(), somebody()
    await confirmed(world, course, person, email=None, phone=NUMBER)
    await confirmed(world, course, somebody(), email=None, phone="+46707654321")
    assert [mail["To"] for mail in world.server.received] == [f"46707654321@{GATEWAY}"]
    assert await calls(world) == {Kind.CONFIRMATION: Reason.REFUSED}
    # The person says on the telephone how to be reached better.
    await world.hear(world.record(course.contact(person, email="new@example.org"), 2))
    await world.work()
    assert await calls(world) == {}
    assert len(world.server.to("new@example.org")) == 1


async def test_a_gateway_that_puts_off_is_asked_again_and_in_the_end_somebody_calls(world: World) -> None:
    world.server.answer = lambda _: "451 4.3.0 Busy"
    person = somebody()
    await confirmed(world, Course(), person, email=None, phone=NUMBER)
    [waiting] = [m for m in (await world.messages(person)).values() if m.kind is Kind.CONFIRMATION]
    assert (waiting.status, waiting.tries) == (Status.QUEUED, 1)
    last = {"$set": {"try_after": datetime.now(UTC), "tries": MOST_TRIES - 1}}
    await world.delivery.db.messages.update_one({"_id": waiting.id}, last)
    await world.work()
    assert await calls(world) == {Kind.CONFIRMATION: Reason.KEPT_FAILING}


async def test_a_text_message_whose_answer_was_lost_is_sent_again_with_the_same_message_id(world: World) -> None:
    world.server.hang_up_after_data = True
    with pytest.raises(Unreachable):
        await confirmed(world, Course(), somebody(), email=None, phone=NUMBER)
    world.server.hang_up_after_data = False
    await world.work()
    await world.work()
    first, second = world.server.received
    assert first["Message-ID"] == second["Message-ID"]


# Trying it, and what staff see


async def test_the_trial_mailbox_shows_a_text_message_as_one_and_staff_see_that_nobody_need_call(
    running: Running,
) -> None:
    course, person = coming(running, organiser="Sms-vännerna"), somebody()
    await running.tell(
        course.planned(), course.registered(person), course.contact(person, email=None, phone=NUMBER, language="en")
    )
    [mail] = await running.mails(INBOX)
    assert mail["links"][0].startswith(f"{HOST}/my/")
    mailbox = (await running.get("/trial/mail")).text
    assert "Text message</span>" in mailbox and NUMBER in mailbox
    assert f"Text message to {NUMBER}" in (await running.get(f"/trial/mail/{mail['id']}")).text
    message_id = f"confirmation:{person}:1"
    await running.noted_as_sent(message_id)
    page = (await running.get("/staff/messages", "Sms-vännerna")).text
    assert "as mail or text messages" in page and "sent by mail or text message" in page
    assert "Nobody to call" in page and "numbers that did not take it" in page

    refused = {"$set": {"status": "call", "reason": "refused"}}
    await running.notification.db.messages.update_one({"_id": message_id}, refused)
    assert "No text message got through" in (await running.get("/staff/messages", "Sms-vännerna")).text
    assert (await running.post("/staff/messages", "Sms-vännerna", action="called", message=message_id)).is_redirect

    async def called() -> bool:
        return (await running.get("/api/notification/calls", "Sms-vännerna")).json()["calls"] == []

    await until(called)


@pytest.mark.parametrize("domain", ["@sms.region.example", "sms gateway", "sms", "sms.example.org/", "a@b.example"])
def test_a_gateway_that_is_no_domain_stops_the_start(given: dict[str, Any], domain: str) -> None:
    with pytest.raises(ValidationError, match="SMS_GATEWAY_DOMAIN must be a domain such as"):
        Settings(**given, sms_gateway_domain=domain)
    assert Settings(**given, sms_gateway_domain="SMS.Region.example").sms_gateway_domain == GATEWAY
