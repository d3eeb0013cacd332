"""What the messages say: discreet, in three languages, with one link and a calendar that calendars understand."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from icalendar import Calendar
from pydantic import SecretStr

import services.notification
from motesplats_events import CancellationReason, RegistrationStatus, VolunteerRole
from services.notification.domain.messages import Kind, Message
from services.notification.domain.situation import Situation
from services.notification.mail.compose import BadAddress, compose
from services.notification.mail.reading import clickable, read
from services.notification.mail.words import Words, paragraphs, words
from services.notification.settings import Settings
from shared.access import read_link
from shared.errors import Gone
from shared.web import Pages
from tests.notification.telling import ASSIGNMENT, LINK, NOW, PROGRAMME, everything

GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
LANGUAGES = ("sv", "da", "en")
NAMES = list(everything())
EVERY = [(name, language) for name in NAMES for language in LANGUAGES]
SETTINGS = Settings(
    kafka_bootstrap_servers="127.0.0.1:1",
    mongodb_uri=SecretStr("mongodb://127.0.0.1:1"),
    secret_key=SecretStr("a key for tests that is long enough"),
    public_url="https://meet.example.org",
    trial=True,
)
PAGES = Pages(Path(services.notification.__file__).parent, SETTINGS)
PAGE_OF = {
    **dict.fromkeys(["session survey", "course survey"], "/surveys/"),
    **dict.fromkeys(["assignment offer", "assignment offer of a unit"], "/assignments/"),
    **dict.fromkeys(
        ["assignment moved", "assignment without a date", "peer of a group, session moved"], "/assignments/"
    ),
    **dict.fromkeys(["shift elsewhere", "shifts elsewhere", "leader, session moved"], "/lead/"),
    **dict.fromkeys(["leader, sessions cancelled", "leader, another room", "leader, new sessions"], "/lead/"),
    **dict.fromkeys(
        ["assignment accepted", "assignment accepted, open end", "assignment reminder", "shifts accepted"], "/lead/"
    ),
    **dict.fromkeys(
        [
            "volunteer welcome",
            "assignment reminder, peer",
            "peer of a group, session cancelled",
            "assignment released",
            "assignment taken",
            "shifts released",
        ],
        "/volunteer/",
    ),
    **dict.fromkeys(["cancelled, offer_declined", "cancelled, offer_expired"], "/programmes/p"),
    **dict.fromkeys(["wish closed", "application declined", "application withdrawn", "membership over"], "/"),
    **dict.fromkeys(["left the queue", "taken out of the queue", "no guest"], "/"),
    **{f"cancelled, {r}": "/" for r in ("own", "staff", "carried_over", "programme_cancelled")},
}
"""Where the first link of a message leads; all others lead to a participant's own page."""


def tell(name: str, language: str = "sv", **reached: str | None) -> tuple[Message, Situation]:
    return everything(language, **reached)[name]  # type: ignore[arg-type]


def say(name: str, language: str = "sv", **reached: str | None) -> Words:
    return words(*tell(name, language, **reached), SETTINGS, PAGES, NOW)


def mail(name: str, language: str = "sv") -> EmailMessage:
    return compose(*tell(name, language), SETTINGS, PAGES, NOW)


def test_every_kind_is_told() -> None:
    assert {message.kind for message, _ in everything().values()} == set(Kind)
    reasons = {s.registration.reason for m, s in everything().values() if m.kind is Kind.CANCELLED and s.registration}
    assert reasons == set(CancellationReason) - {CancellationReason.APPLICATION_DECLINED}


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_subject_says_nothing_of_illness_and_fits_in_gsm_7(name: str, language: str) -> None:
    composed = mail(name, language)
    subject = composed["Subject"]
    assert subject
    for secret in ("cancer", "onkolog", PROGRAMME.title, "Sjukdomen", "Astrid", ASSIGNMENT.title):
        assert secret.casefold() not in f"{subject} {composed['From']}".casefold()
    assert set(subject) <= GSM_7
    assert len(subject) <= 50


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_what_to_say_on_the_telephone_is_short_and_names_no_illness(name: str, language: str) -> None:
    short = say(name, language, email=None, phone="+46700000000").short
    assert set(short) <= GSM_7, set(short) - GSM_7
    assert 20 < len(short) <= 160
    assert "cancer" not in short
    assert LINK not in short


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_the_html_says_what_the_text_says_and_loads_nothing(name: str, language: str) -> None:
    composed = mail(name, language)
    text_part, html_part = composed.get_body(("plain",)), composed.get_body(("html",))
    assert text_part is not None and html_part is not None
    text, html = text_part.get_content(), html_part.get_content()
    assert f'<html lang="{language}">' in html
    assert not re.search(r"<(img|link|script|style|iframe|object)|src=|style=|url\(", html)
    bare = re.sub(r"<title>.*</title>|<[^>]+>", " ", html)
    assert re.findall(r"\w+", bare) == re.findall(r"\w+", text)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_texts_are_translated_and_filled_in(name: str, language: str) -> None:
    said = say(name, language)
    everything_said = f"{said.subject} {said.short} {said.text}"
    assert not re.search(r"[{}]|%\(|None|  ", everything_said)
    greeting = {"sv": "Hej Astrid,", "da": "Hej Astrid,", "en": "Hello Astrid,"}[language]
    assert said.text.startswith(greeting)
    if language != "en":
        english = say(name, "en")
        assert said.subject != english.subject
        assert not set(said.text.split("\n\n")) & {
            paragraph
            for paragraph in english.text.split("\n\n")
            if len(paragraph) > 40 and "http" not in paragraph and paragraph not in _by_staff(name)
        }


def _by_staff(name: str) -> Iterable[str]:
    registration = tell(name)[1].registration
    return [registration.answer.words] if registration and registration.answer else []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_supposes_that_a_person_is_ill_or_a_relative(name: str) -> None:
    said = say(name, "en")
    assert not re.search(r"patient|relative|illness|disease", f"{said.subject} {said.short} {said.text}", re.I)


@pytest.mark.parametrize("name", NAMES)
def test_links_stand_on_lines_of_their_own_and_the_first_is_what_the_message_is_about(name: str) -> None:
    composed = mail(name)
    content = read(composed.as_bytes())
    assert content.links
    assert set(content.links) <= set(content.text.split("\n"))
    first = next(link for link in content.links if link != LINK)
    page = PAGE_OF.get(name, "/my/")
    assert first.startswith(f"https://meet.example.org{page}")
    html = composed.get_body(("html",))
    assert html is not None
    clicked = re.findall(r'<a href="([^"]+)"', html.get_content().replace("&amp;", "&"))
    assert clicked == content.links


def test_the_link_to_a_digital_meeting_is_told_where_it_belongs_and_nowhere_else() -> None:
    with_link = {name for name in NAMES if LINK in say(name).text}
    assert with_link == {"confirmation, online", "reminder, online", "meeting link"}
    for name in with_link:
        message, known = tell(name)
        assert known.registration is not None
        for status in set(RegistrationStatus) - {RegistrationStatus.CONFIRMED}:
            waiting = replace(known, registration=replace(known.registration, status=status))
            assert LINK not in words(message, waiting, SETTINGS, PAGES, NOW).text
        assert LINK not in str(compose(message, known, SETTINGS, PAGES, NOW)["Subject"])
    for part in mail("confirmation, online").iter_attachments():
        assert isinstance(part, EmailMessage)
        assert "meet.example.net" not in part.get_content()


def test_a_meeting_link_that_is_no_web_address_cannot_be_clicked() -> None:
    message, known = tell("meeting link")
    assert known.meeting_link is not None
    odd = replace(known, meeting_link=replace(known.meeting_link, url="javascript:alert(1)"))
    html = compose(message, odd, SETTINGS, PAGES, NOW).get_body(("html",))
    assert html is not None
    assert 'href="javascript' not in html.get_content()


def test_the_links_are_signed_for_their_purpose_and_person() -> None:
    token = say("confirmation").links.main.rpartition("/")[2]
    assert read_link(SETTINGS, "registration", token, NOW) == "astrid"
    assert read_link(SETTINGS, "registration", token, datetime(2025, 4, 30, tzinfo=UTC)) == "astrid"
    with pytest.raises(Gone):
        read_link(SETTINGS, "registration", token, datetime(2025, 5, 3, tzinfo=UTC))
    token = say("assignment offer").links.main.rpartition("/")[2]
    assert read_link(SETTINGS, "assignment", token, NOW + timedelta(days=100)) == "assignment-1"
    token = say("wish noted").links.main.rpartition("/")[2]
    assert read_link(SETTINGS, "wish", token, NOW + timedelta(days=364)) == "astrid"


def test_who_leads_may_do_so_until_a_day_after_the_assignment_or_for_half_a_year() -> None:
    for name, days in (("assignment accepted", 22), ("assignment accepted, open end", 180)):
        token = say(name).links.main.rpartition("/")[2]
        assert read_link(SETTINGS, "lead", token, NOW + timedelta(days=days)) == "assignment-1"
        with pytest.raises(Gone):
            read_link(SETTINGS, "lead", token, NOW + timedelta(days=days, seconds=1))


def test_a_changed_assignment_is_told_as_it_now_is_and_as_it_was() -> None:
    said = say("assignment moved", "en")
    assert "It is now Friday 21 March 2025 at 09:00" in said.short
    assert "Earlier: Wednesday 19 March 2025" in said.text
    assert "as you have told us" not in said.text and "Thank you for what you have taken on" not in said.text


def test_an_assignment_that_only_ends_at_another_time_is_told_with_its_end() -> None:
    message, known = tell("shift elsewhere", "en")
    (shift,) = known.assignments
    assert shift.at is not None
    longer = replace(known, assignments=[replace(shift, until=shift.at + timedelta(hours=3))])
    short = words(message, longer, SETTINGS, PAGES, NOW).short
    assert short == "Your assignment has changed. It is now Friday 21 March 2025 at 09:00, until 12:00. Place: Rummet."
    assert "until" not in say("assignment moved", "en").short, "the other times are told"


@pytest.mark.parametrize(
    ("name", "leads"), [("leader, session moved", True), ("peer of a group, session moved", False)]
)
def test_who_does_several_things_in_a_whole_programme_is_told_that_all_of_them_stay(name: str, leads: bool) -> None:
    message, known = tell(name, "en")
    (one,) = known.assignments
    role = VolunteerRole.LECTURER if leads else VolunteerRole.LIVING_BOOK
    other = replace(one, assignment_id="assignment-2", role=role, title="En berättelse")
    said = words(message, replace(known, assignments=[one, other]), SETTINGS, PAGES, NOW)
    for title in (ASSIGNMENT.title, other.title):
        assert f"\n- What: {title}\n" in said.text
    assert (said.links.main in said.text) is leads, "only one of them would be given up"


def test_who_leads_is_told_of_a_moved_meeting_with_a_link_that_lasts_until_it_is_over() -> None:
    said = say("leader, session moved", "en")
    assert said.subject == "A meeting has been moved"
    assert "Thursday 27 March 2025" in said.text and "earlier Tuesday 25 March 2025" in said.text
    token = said.links.main.rpartition("/")[2]
    # The volunteers' own event of the new end may come later: the last meeting counts.
    assert read_link(SETTINGS, "lead", token, PROGRAMME.sessions[1].ends_at + timedelta(hours=23)) == "assignment-1"
    assert "Tuesday 25 March 2025" in say("leader, new sessions", "en").text


def test_every_message_to_a_volunteer_brings_the_own_page_for_another_year() -> None:
    for name in NAMES:
        message, _ = tell(name)
        own_page = say(name).links.own_page
        assert bool(own_page) is (message.kind.startswith(("assignment", "volunteer")))
        if own_page:
            assert own_page in say(name).text
            token = own_page.rpartition("/")[2]
            assert read_link(SETTINGS, "volunteer", token, NOW + timedelta(days=365)) == "astrid"


def test_who_waits_is_told_the_position_and_who_registers_again_the_truth() -> None:
    assert "nummer 3" in say("queued").text
    assert "har en plats" in say("already registered").text
    in_queue = say("already in the queue").text
    assert "i kön" in in_queue
    assert "har en plats" not in in_queue
    assert "3" not in in_queue.split("http")[0], "the position may have changed since"
    assert "håller en plats åt dig till tisdag 4 mars" in say("already offered").text


def test_an_application_is_answered_in_the_words_of_the_staff() -> None:
    assert "Välkommen till första mötet.\nTa gärna med dig frågor." in say("application accepted").text
    assert "Vi har redan många" in say("application declined").text
    message, known = tell("application declined")
    assert known.registration is not None and known.registration.answer is not None
    answer = replace(known.registration.answer, words="Se <b>här</b>\n---\nhttps://other.example/x")
    html = compose(
        message, replace(known, registration=replace(known.registration, answer=answer)), SETTINGS, PAGES, NOW
    ).get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;" in html.get_content()
    assert 'href="https://other' not in html.get_content()


def test_a_moved_meeting_is_told_with_every_time_that_it_had() -> None:
    message, known = tell("session moved")
    [change] = known.changes
    before = replace(change, sequence=0, was_at=change.was_at - timedelta(days=1), at=change.at - timedelta(minutes=1))
    text = words(message, replace(known, changes=(before, change)), SETTINGS, PAGES, NOW).text
    [line] = [line for line in text.split("\n") if line.startswith("- ")]
    assert line.startswith("- torsdag 27 mars 2025 kl. 17:00–19:00 (Rum 3)")
    assert "tidigare måndag 24 mars 2025 kl. 17:00 och tisdag 25 mars" in line


def test_what_was_changed_in_one_go_is_told_in_one_message() -> None:
    said = say("sessions moved")
    assert said.subject == "Träffar har flyttats"
    assert said.text.count("\n- ") == 2
    assert "2 träffar är inställda" in say("sessions cancelled").short
    shifts = say("shifts accepted")
    assert shifts.text.count("Samtal om cancer, Rummet") == 3
    assert shifts.text.count("/lead/") == 1


def test_a_meeting_that_was_put_back_is_said_to_take_place() -> None:
    assert "Träffen tisdag 25 mars 2025 kl. 17:00 blir av som planerat." in say("session put back").short
    _, calendar = calendar_of(mail("session put back"))
    assert {str(event["STATUS"]) for event in calendar.walk("VEVENT")} == {"CONFIRMED"}


def test_another_room_for_a_meeting_is_told_and_not_the_place_of_the_others() -> None:
    said = say("session in another room")
    assert "är på en annan plats: Biblioteket, Eksjö." in said.short
    assert "(Biblioteket, Eksjö)" in said.text
    assert PROGRAMME.place not in said.text


def test_a_guest_is_told_of_the_one_meeting_only() -> None:
    assert "Behandlingen" in say("guest").text and "Sjukdomen" not in say("guest").text
    for name, status in (("guest", "CONFIRMED"), ("no guest", "CANCELLED")):
        _, calendar = calendar_of(mail(name))
        [event] = calendar.walk("VEVENT")
        assert str(event["STATUS"]) == status


def test_a_letter_about_a_survey_that_was_handed_over_has_no_link() -> None:
    message, known = tell("session survey", email=None, phone="+46700000000")
    said = words(replace(message, token=None), known, SETTINGS, PAGES, NOW)
    assert said.links.main == ""
    assert "http" not in said.text
    assert "sparas inte" in said.text


def test_only_a_mail_speaks_of_a_file_and_only_where_there_is_one() -> None:
    for name in NAMES:
        attached = bool(list(mail(name).iter_attachments()))
        assert ("bifogade" in say(name).text) is attached, name
        for reached in ({"phone": "+46700000000"}, {"address": "Storgatan 1\n553 20 Jönköping"}):
            assert "bifogade" not in say(name, email=None, **reached).text
    assert "veckan före" in say("confirmation", email=None, address="Storgatan 1").text


def calendar_of(composed: EmailMessage) -> tuple[EmailMessage, Calendar]:
    [part] = composed.iter_attachments()
    assert isinstance(part, EmailMessage)
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return part, Calendar.from_ical(payload)


@pytest.mark.parametrize(("language", "title"), [("sv", "Möte"), ("da", "Møde"), ("en", "Meeting")])
def test_the_calendar_file_holds_every_session_under_a_name_that_says_nothing(language: str, title: str) -> None:
    part, calendar = calendar_of(mail("confirmation", language))
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
    _, calendar = calendar_of(mail("confirmation"))
    [zone] = calendar.walk("VTIMEZONE")
    changes = [part["DTSTART"].dt for part in zone.walk() if part.name in {"STANDARD", "DAYLIGHT"}]
    assert "2025-03-30T03:00:00" in [change.isoformat() for change in changes]
    assert {change.year for change in changes} == {2025}


def test_cancelling_calls_the_same_meetings_off() -> None:
    _, asked = calendar_of(mail("confirmation"))
    part, cancelled = calendar_of(mail("cancelled, own"))
    assert part.get_param("method") == cancelled["METHOD"] == "PUBLISH"
    assert [e["UID"] for e in cancelled.walk("VEVENT")] == [e["UID"] for e in asked.walk("VEVENT")]
    assert {e["STATUS"] for e in cancelled.walk("VEVENT")} == {"CANCELLED"}


def test_a_later_file_about_the_same_meeting_has_a_higher_sequence() -> None:
    message, now = tell("promoted")
    assert now.registration is not None and now.programme is not None
    later = replace(now, programme=replace(now.programme, sequence=now.programme.sequence + 1))
    numbers = []
    for known in (now, later):
        _, calendar = calendar_of(compose(message, known, SETTINGS, PAGES, NOW))
        numbers.append(calendar.walk("VEVENT")[0]["SEQUENCE"])
    assert numbers[0] < numbers[1]


def test_a_changed_meeting_is_changed_in_the_calendar_of_who_has_a_place() -> None:
    _, before = calendar_of(mail("confirmation"))
    _, moved = calendar_of(mail("session moved"))
    _, cancelled = calendar_of(mail("session cancelled"))
    uids = [event["UID"] for event in before.walk("VEVENT")]
    for after in (moved, cancelled):
        assert [event["UID"] for event in after.walk("VEVENT")] == uids
    assert moved.walk("VEVENT")[0].decoded("DTSTART") == PROGRAMME.sessions[0].starts_at + timedelta(days=2)
    assert moved.walk("VEVENT")[0]["LOCATION"] == "Rum 3, Jönköping"
    assert [str(event["STATUS"]) for event in cancelled.walk("VEVENT")] == ["CANCELLED", "CONFIRMED"]
    for name in ("session moved, offered", "session cancelled, in the queue", "left the queue", "place offered"):
        assert not list(mail(name).iter_attachments()), name


def test_a_new_member_is_told_of_the_meetings_from_the_first_day_on() -> None:
    message, known = tell("confirmation")
    assert known.registration is not None
    member = replace(known, registration=replace(known.registration, starts_on=PROGRAMME.sessions[1].starts_at.date()))
    _, calendar = calendar_of(compose(message, member, SETTINGS, PAGES, NOW))
    assert len(calendar.walk("VEVENT")) == 1
    assert "Sjukdomen" not in words(message, member, SETTINGS, PAGES, NOW).text


def test_a_mail_keeps_its_message_id_and_asks_for_no_automatic_answer() -> None:
    first, second = mail("reminder"), mail("reminder")
    assert first["Message-ID"] == second["Message-ID"] == "<f00d@motesplats.invalid>"
    assert first["Auto-Submitted"] == "auto-generated"


def test_what_was_typed_as_a_name_cannot_become_a_link_or_a_header() -> None:
    hostile = 'Bo\r\nBcc: other@example.org\r\n\r\n<a href="https://evil.example">win</a>'
    message, known = tell("confirmation")
    assert known.contact is not None
    composed = compose(message, replace(known, contact=replace(known.contact, name=hostile)), SETTINGS, PAGES, NOW)
    assert "evil" not in composed.as_string()
    assert composed["Bcc"] is None


@pytest.mark.parametrize("address", ["no address", "a@b\r\nBcc: c@example.org", "@", ""])
def test_what_is_no_address_is_said_to_be_none(address: str) -> None:
    message, known = tell("queued")
    assert known.contact is not None
    broken = replace(known, contact=replace(known.contact, email=address or " "))
    with pytest.raises(BadAddress):
        compose(message, broken, SETTINGS, PAGES, NOW)


def test_only_given_links_can_be_clicked_in_our_mail_and_all_in_the_trial_mailbox() -> None:
    text = "See <b> https://other.example/x.\n\nhttps://meet.example.org/my/t"
    ours = paragraphs(text, {"https://meet.example.org/my/t"})
    assert '<a href="https://meet.example.org/my/t">' in ours
    assert "&lt;b&gt;" in ours
    assert 'href="https://other' not in ours
    assert '<a href="https://other.example/x">https://other.example/x</a>.' in clickable(text)
