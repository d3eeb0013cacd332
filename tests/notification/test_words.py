"""What the messages say: discreet, in three languages, with one link and a calendar that calendars understand."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from icalendar import Calendar
from pydantic import SecretStr

import services.notification
from motesplats_events import RegistrationStatus, SurveyKind
from services.notification.domain.sending import Situation
from services.notification.domain.values import (
    Contact,
    Kind,
    Message,
    Offer,
    Programme,
    Registration,
    Session,
    Survey,
)
from services.notification.mail.compose import BadAddress, compose
from services.notification.mail.reading import clickable, read
from services.notification.mail.words import Words, paragraphs, words
from services.notification.settings import Settings
from shared.access import read_link
from shared.errors import Gone
from shared.web import Pages

GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
NOW = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
LANGUAGES = ("sv", "da", "en")
STATES = {
    Kind.QUEUED: RegistrationStatus.WAITING,
    Kind.CANCELLED: RegistrationStatus.CANCELLED,
}
SETTINGS = Settings(
    kafka_bootstrap_servers="127.0.0.1:1",
    mongodb_uri=SecretStr("mongodb://127.0.0.1:1"),
    secret_key=SecretStr("a key for tests that is long enough"),
    public_url="https://meet.example.org",
    trial=True,
)
PAGES = Pages(Path(services.notification.__file__).parent, SETTINGS)
PROGRAMME = Programme(
    "p",
    4,
    "Leva med cancer",
    "Onkologkliniken",
    "Konferensrummet",
    "Jönköping",
    (
        Session("s1", datetime(2025, 3, 25, 16, 0, tzinfo=UTC), 120, "Sjukdomen"),
        Session("s2", datetime(2025, 4, 1, 15, 0, tzinfo=UTC), 120, "Behandlingen"),
    ),
)
OFFER = Offer("assignment-1", "astrid", "p", "peer", "Samtal", "Rummet", None, NOW, NOW + timedelta(days=7))
SURVEY = Survey("v", "p", SurveyKind.SESSION, ("s1",), NOW, NOW + timedelta(days=14))


def situation(
    kind: Kind, language: str = "sv", *, phone: str | None = None, status: RegistrationStatus | None = None
) -> Situation:
    state = status or STATES.get(kind, RegistrationStatus.CONFIRMED)
    registration = Registration("astrid", "p", 2, state, kind, NOW, 3, held_a_place=True)
    email = None if phone else "astrid@example.org"
    return Situation(PROGRAMME, registration, Contact("astrid", "Astrid", email, phone, language), SURVEY, OFFER)


def message(kind: Kind, token: str | None = "a-token") -> Message:
    about = {Kind.ASSIGNMENT_OFFER: "assignment-1", Kind.REMINDER: "s1"}.get(kind, "v")
    return Message(kind, "astrid", "1", "p", NOW, about, token=token if "survey" in kind else None, mail_id="f00d")


def say(kind: Kind, language: str = "sv", token: str | None = "a-token", **how: object) -> Words:
    return words(message(kind, token), situation(kind, language, **how), SETTINGS, PAGES, NOW)  # type: ignore[arg-type]


def mail(kind: Kind, language: str = "sv") -> EmailMessage:
    return compose(message(kind), situation(kind, language), SETTINGS, PAGES, NOW)


def every() -> list[tuple[Kind, str]]:
    return [(kind, language) for kind in Kind for language in LANGUAGES]


@pytest.mark.parametrize(("kind", "language"), every())
def test_a_subject_says_nothing_of_illness_and_fits_in_gsm_7(kind: Kind, language: str) -> None:
    composed = mail(kind, language)
    subject = composed["Subject"]
    assert subject
    for secret in ("cancer", "onkolog", PROGRAMME.title, "Sjukdomen", "Astrid"):
        assert secret.casefold() not in f"{subject} {composed['From']}".casefold()
    assert set(subject) <= GSM_7
    assert len(subject) <= 50


@pytest.mark.parametrize(("kind", "language"), every())
def test_what_to_say_on_the_telephone_is_short_and_names_no_illness(kind: Kind, language: str) -> None:
    short = say(kind, language, phone="+46700000000").short
    assert set(short) <= GSM_7, set(short) - GSM_7
    assert 20 < len(short) <= 160
    assert "cancer" not in short


@pytest.mark.parametrize(("kind", "language"), every())
def test_the_html_says_what_the_text_says_and_loads_nothing(kind: Kind, language: str) -> None:
    composed = mail(kind, language)
    text_part, html_part = composed.get_body(("plain",)), composed.get_body(("html",))
    assert text_part is not None and html_part is not None
    text, html = text_part.get_content(), html_part.get_content()
    assert f'<html lang="{language}">' in html
    assert not re.search(r"<(img|link|script|style|iframe|object)|src=|style=|url\(", html)
    bare = re.sub(r"<title>.*</title>|<[^>]+>", " ", html)
    assert re.findall(r"\w+", bare) == re.findall(r"\w+", text)


@pytest.mark.parametrize(("kind", "language"), every())
def test_texts_are_translated_and_filled_in(kind: Kind, language: str) -> None:
    said = say(kind, language)
    everything = f"{said.subject} {said.short} {said.text}"
    assert "{" not in everything and "%(" not in everything
    greeting = {"sv": "Hej Astrid,", "da": "Hej Astrid,", "en": "Hello Astrid,"}[language]
    assert said.text.startswith(greeting)
    if language != "en":
        english = say(kind, "en")
        assert said.subject != english.subject
        assert not set(said.text.split("\n\n")) & {
            paragraph for paragraph in english.text.split("\n\n") if len(paragraph) > 40 and "http" not in paragraph
        }


@pytest.mark.parametrize("kind", Kind)
def test_a_message_has_its_one_link_on_a_line_of_its_own(kind: Kind) -> None:
    composed = mail(kind)
    [*links] = read(composed.as_bytes()).links
    page = {
        Kind.SESSION_SURVEY: "surveys",
        Kind.COURSE_SURVEY: "surveys",
        Kind.ASSIGNMENT_OFFER: "assignments",
        Kind.CANCELLED: "",
    }.get(kind, "my")
    assert len(links) == 1
    assert links[0].startswith(f"https://meet.example.org/{page}")
    assert links[0] in read(composed.as_bytes()).text.split("\n")


def test_the_links_are_signed_for_their_purpose_and_person() -> None:
    token = say(Kind.CONFIRMATION).link.rpartition("/")[2]
    assert read_link(SETTINGS, "registration", token, NOW) == "astrid"
    assert read_link(SETTINGS, "registration", token, datetime(2025, 4, 30, tzinfo=UTC)) == "astrid"
    with pytest.raises(Gone):
        read_link(SETTINGS, "registration", token, datetime(2025, 5, 3, tzinfo=UTC))
    token = say(Kind.ASSIGNMENT_OFFER).link.rpartition("/")[2]
    assert read_link(SETTINGS, "assignment", token, NOW + timedelta(days=100)) == "assignment-1"


def test_who_waits_is_told_the_position_and_who_registers_again_the_truth() -> None:
    assert "nummer 3" in say(Kind.QUEUED).text
    assert "har en plats" in say(Kind.ALREADY_REGISTERED).text
    in_queue = say(Kind.ALREADY_REGISTERED, status=RegistrationStatus.WAITING).text
    assert "i kön" in in_queue
    assert "har en plats" not in in_queue
    assert "3" not in in_queue.split("http")[0], "the position may have changed since"


def test_a_letter_about_a_survey_that_was_handed_over_has_no_link() -> None:
    said = say(Kind.SESSION_SURVEY, token=None)
    assert said.link == ""
    assert "http" not in said.text
    assert "sparas inte" in said.text


def calendar_of(composed: EmailMessage) -> tuple[EmailMessage, Calendar]:
    [part] = composed.iter_attachments()
    assert isinstance(part, EmailMessage)
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return part, Calendar.from_ical(payload)


@pytest.mark.parametrize(("language", "title"), [("sv", "Möte"), ("da", "Møde"), ("en", "Meeting")])
def test_the_calendar_file_holds_every_session_under_a_name_that_says_nothing(language: str, title: str) -> None:
    part, calendar = calendar_of(mail(Kind.CONFIRMATION, language))
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == "PUBLISH"
    assert calendar["METHOD"] == "PUBLISH"
    assert "cancer" not in calendar.to_ical().decode().casefold()
    events = calendar.walk("VEVENT")
    assert [event["SUMMARY"] for event in events] == [title, title]
    assert [event.decoded("DTSTART") for event in events] == [s.starts_at for s in PROGRAMME.sessions]
    assert {event["DTSTART"].params["TZID"] for event in events} == {"Europe/Stockholm"}
    assert [event["DTEND"].dt - event["DTSTART"].dt for event in events] == [timedelta(hours=2)] * 2
    assert {str(event["ORGANIZER"]) for event in events} == {"mailto:hello@motesplats.invalid"}
    assert "astrid" not in calendar.to_ical().decode().casefold()
    assert len({event["UID"] for event in events}) == 2
    assert len(part.get_payload(decode=True)) < 3000, "the time zone lists more years than it needs"  # type: ignore[arg-type]


def test_the_calendar_knows_the_clock_change_between_the_sessions() -> None:
    _, calendar = calendar_of(mail(Kind.CONFIRMATION))
    [zone] = calendar.walk("VTIMEZONE")
    changes = [part["DTSTART"].dt for part in zone.walk() if part.name in {"STANDARD", "DAYLIGHT"}]
    assert "2025-03-30T03:00:00" in [change.isoformat() for change in changes]
    assert {change.year for change in changes} == {2025}


def test_cancelling_calls_the_same_meetings_off() -> None:
    _, asked = calendar_of(mail(Kind.CONFIRMATION))
    part, cancelled = calendar_of(mail(Kind.CANCELLED))
    assert part.get_param("method") == cancelled["METHOD"] == "PUBLISH"
    assert [e["UID"] for e in cancelled.walk("VEVENT")] == [e["UID"] for e in asked.walk("VEVENT")]
    assert {e["STATUS"] for e in cancelled.walk("VEVENT")} == {"CANCELLED"}


def test_a_later_file_about_the_same_meeting_has_a_higher_sequence() -> None:
    from dataclasses import replace

    now = situation(Kind.PROMOTED)
    assert now.registration is not None and now.programme is not None
    later = replace(now, programme=replace(now.programme, sequence=now.programme.sequence + 1))
    numbers = []
    for known in (now, later):
        _, calendar = calendar_of(compose(message(Kind.PROMOTED), known, SETTINGS, PAGES, NOW))
        numbers.append(calendar.walk("VEVENT")[0]["SEQUENCE"])
    assert numbers[0] < numbers[1]


def test_a_mail_keeps_its_message_id_and_asks_for_no_automatic_answer() -> None:
    first, second = mail(Kind.REMINDER), mail(Kind.REMINDER)
    assert first["Message-ID"] == second["Message-ID"] == "<f00d@motesplats.invalid>"
    assert first["Auto-Submitted"] == "auto-generated"


def test_what_was_typed_as_a_name_cannot_become_a_link_or_a_header() -> None:
    hostile = 'Bo\r\nBcc: other@example.org\r\n\r\n<a href="https://evil.example">win</a>'
    known = situation(Kind.CONFIRMATION)
    contact = Contact("astrid", hostile, "astrid@example.org")
    composed = compose(
        message(Kind.CONFIRMATION),
        Situation(known.programme, known.registration, contact),
        SETTINGS,
        PAGES,
        NOW,
    )
    assert "evil" not in composed.as_string()
    assert composed["Bcc"] is None


@pytest.mark.parametrize("address", ["no address", "a@b\r\nBcc: c@example.org", "@", ""])
def test_what_is_no_address_is_said_to_be_none(address: str) -> None:
    known = situation(Kind.QUEUED)
    broken = Situation(known.programme, known.registration, Contact("astrid", "Astrid", address or " "))
    with pytest.raises(BadAddress):
        compose(message(Kind.QUEUED), broken, SETTINGS, PAGES, NOW)


def test_only_given_links_can_be_clicked_in_our_mail_and_all_in_the_trial_mailbox() -> None:
    text = "See <b> https://other.example/x.\n\nhttps://meet.example.org/my/t"
    ours = paragraphs(text, {"https://meet.example.org/my/t"})
    assert '<a href="https://meet.example.org/my/t">' in ours
    assert "&lt;b&gt;" in ours
    assert 'href="https://other' not in ours
    assert '<a href="https://other.example/x">https://other.example/x</a>.' in clickable(text)
