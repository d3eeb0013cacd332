"""A form loses nothing, says in words what is wrong, and cannot be made to say anything else."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, ValidationError

from shared.errors import DomainError, NotFound
from shared.settings import Settings
from shared.web import Form, wording
from tests.web.application import Plan, Received, Role, signed_in

GOOD = {"name": "Astrid", "consent": "yes"}
ENGLISH = {"accept-language": "en"}


async def test_good_answers_become_the_model(people: httpx.AsyncClient, received: Received) -> None:
    answer = await people.post(
        "/plan",
        data={
            **GOOD,
            "role": "relative",
            "email": " astrid@example.org ",
            "places": "1\u00a0200",
            "hours": "2,5",
            "born": "1961-02-03",
            "towns": ["Eksjö", "Tranås"],
            "sessions-0-at-date": "2025-01-28",
            "sessions-0-at-time": "17:00",
            "sessions-0-theme": "The treatments",
            "sessions-1-at-date": "",
            "sessions-1-at-time": "",
            "sessions-1-theme": "",
            "reminders": "yes",
        },
    )
    assert answer.status_code == 303
    plan = received.plan
    assert plan is not None
    assert plan.role is Role.RELATIVE
    assert plan.email == "astrid@example.org"
    assert (plan.places, plan.hours, plan.born) == (1200, 2.5, date(1961, 2, 3))
    assert plan.towns == ["Eksjö", "Tranås"]
    assert plan.reminders
    assert len(plan.sessions) == 1
    assert plan.sessions[0].at == datetime(2025, 1, 28, 16, tzinfo=UTC)


async def test_blank_is_not_filled_in(people: httpx.AsyncClient, received: Received) -> None:
    await people.post("/plan", data={**GOOD, "email": "  ", "places": "", "hours": ""})
    assert received.plan is not None
    assert received.plan.email is None
    assert received.plan.places == 12


async def test_a_failed_form_says_so_first_links_to_the_fields_and_keeps_everything(
    people: httpx.AsyncClient,
) -> None:
    answer = await people.post(
        "/plan",
        headers=ENGLISH,
        data={
            "name": "",
            "email": "astrid@",
            "places": "minus one",
            "towns": "Tranås",
            "kind": "group",
            "score": "7",
            "words": "\nFirst line\nsecond",
            "role": "relative",
        },
    )
    page = answer.text
    assert answer.status_code == 422
    assert answer.headers["cache-control"] == "no-store"
    assert re.search(r"<title>Error: ", page)
    assert 'role="alert" tabindex="-1" autofocus' in page
    assert "There are 4 things to put right" in page
    for field, words in {
        "name": "Write your name",
        "email": "Write an e-mail address in full, such as name@example.org",
        "places": "Write a whole number, such as 12",
        "consent": "Tick the box when you have read it",
    }.items():
        assert f'<li><a href="#{field}">{words}</a></li>' in page
        assert page.count(f'id="{field}"') == 1
        assert f'id="{field}-error"' in page
    assert 'value="astrid@"' in page
    assert 'value="minus one"' in page
    assert 'value="Tranås" checked' in page
    assert '<option value="group" selected>' in page
    assert 'value="7" checked' in page
    assert 'value="relative" checked' in page
    assert re.search(r">\n\r?\nFirst line\r?\nsecond</textarea>", page)


@pytest.mark.parametrize(("lang", "title"), [("sv", "Fel: "), ("da", "Fejl: "), ("en", "Error: ")])
async def test_the_title_begins_with_error_in_every_language(people: httpx.AsyncClient, lang: str, title: str) -> None:
    page = (await people.post(f"/plan?lang={lang}", data={})).text
    assert f"<title>{title}" in page


async def test_what_a_rule_says_becomes_the_fields_error(people: httpx.AsyncClient) -> None:
    answer = await people.post("/plan", data={**GOOD, "name": "Full"}, headers=ENGLISH)
    assert answer.status_code == 422
    assert '<a href="#places">Only 3 places are left</a>' in answer.text


async def test_what_is_not_about_the_answers_is_no_form_error(people: httpx.AsyncClient) -> None:
    answer = await people.post("/plan", data={**GOOD, "name": "Gone"}, headers=ENGLISH)
    assert answer.status_code == 410
    assert "This link has expired" in answer.text


async def test_a_problem_in_a_row_is_shown_at_the_row_that_was_typed(people: httpx.AsyncClient) -> None:
    answer = await people.post(
        "/plan",
        headers=ENGLISH,
        data={**GOOD, "sessions-2-at-date": "2025-01-28", "sessions-2-at-time": "17:00"},
    )
    assert '<a href="#sessions-2-theme">Write what the session is about</a>' in answer.text
    assert 'name="sessions-2-at-date" type="date" value="2025-01-28"' in answer.text


@pytest.mark.parametrize(
    ("day", "time"),
    [
        ("2025-02-30", "17:00"),
        ("2025-01-28", "25:00"),
        ("2025-01-28", ""),
        ("", "17:00"),
        ("2025-03-30", "02:30"),
        ("0000-00-00", "00:00"),
        ("9999-12-31", "23:59"),
        ("28/1", "five"),
        ("1e5", "1"),
        ("２０２５-01-28", "17:00"),
    ],
)
async def test_a_moment_that_does_not_exist_is_refused_in_words(people: httpx.AsyncClient, day: str, time: str) -> None:
    data = {**GOOD, "sessions-0-at-date": day, "sessions-0-at-time": time, "sessions-0-theme": "x"}
    answer = await people.post("/plan", headers=ENGLISH, data=data)
    if day.startswith("9999"):
        assert answer.status_code in {303, 422}
        return
    assert answer.status_code == 422
    assert '<a href="#sessions-0-at">Write a date and a time that exist</a>' in answer.text


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "{{ 7 * 7 }} {% raw %} {name} %(name)s {0.__class__}",
    "\u202egnirts desrever\u202c",
    "x" * 10_000,
    "Zoë Ångström 日本語 ‏עברית‏ 👩‍🦽",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_kept_as_text(people: httpx.AsyncClient, text: str) -> None:
    answer = await people.post("/plan", data={"name": text, "words": text, "role": text}, headers=ENGLISH)
    page = answer.text
    assert answer.status_code == 422
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    value = re.search(r'id="name"[^>]*? value="([^"]*)"', page)
    assert value
    assert unescape(value[1]) == text
    words = re.search(r'<textarea id="words"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert words
    assert unescape(words[1]) == text
    summary = page[page.index('id="summary"') : page.index("<form method")] if "summary" in page else ""
    assert text not in unescape(summary)


async def test_hidden_controls_are_not_part_of_an_answer(people: httpx.AsyncClient, received: Received) -> None:
    await people.post("/plan", data={**GOOD, "name": "  A\u202est\x00ri\ufeffd\r\nO\u0308 "})
    assert received.plan is not None
    assert received.plan.name == "Astrid\nÖ"


async def test_other_scripts_and_joined_signs_arrive_whole(people: httpx.AsyncClient, received: Received) -> None:
    await people.post("/plan", data={**GOOD, "name": "עברית 日本語 👩‍🦽"})
    assert received.plan is not None
    assert received.plan.name == "עברית 日本語 👩‍🦽"


async def test_too_long_is_said_with_the_limit(people: httpx.AsyncClient) -> None:
    page = (await people.post("/plan", data={**GOOD, "name": "x" * 10_000}, headers=ENGLISH)).text
    assert '<a href="#name">Write at most 80 characters</a>' in page


async def test_a_models_own_rule_is_said_in_its_words(people: httpx.AsyncClient) -> None:
    page = (await people.post("/plan", data={**GOOD, "name": "1234"}, headers=ENGLISH)).text
    assert '<a href="#name">Write a name, not a number</a>' in page


@pytest.mark.parametrize(
    "names",
    [
        ["sessions-0", "sessions-x-theme", "sessions--theme"],
        ["sessions-9999-theme", "sessions-99999999999999-theme"],
        ["sessions", "sessions-0-at"],
        ["name-first", "name-0-x", "consent-0-x"],
        ["__class__", "-", "--", "-0-", "at-date"],
        ["towns-0-x", "role-date", "places-0-at"],
        ["sessions-0-at-date-date", "sessions-0-theme-0-x"],
    ],
)
async def test_odd_field_names_do_no_harm(people: httpx.AsyncClient, names: list[str]) -> None:
    answer = await people.post("/plan", data={**GOOD, **dict.fromkeys(names, "x")})
    assert answer.status_code in {303, 422}


async def test_files_and_broken_bodies_are_refused_kindly(people: httpx.AsyncClient) -> None:
    sent = await people.post("/plan", data={"name": "x"}, files={"name": ("a.txt", b"x")}, headers=ENGLISH)
    assert sent.status_code == 400
    broken = await people.post(
        "/plan", content=b"--x\r\nnonsense", headers={"content-type": "multipart/form-data; boundary=y"}
    )
    assert broken.status_code in {400, 422}
    assert "Traceback" not in broken.text


async def test_a_filter_is_read_from_the_address(people: httpx.AsyncClient, received: Received) -> None:
    await people.get("/filter?town=Eksj%C3%B6&free=yes&lang=sv")
    assert received.filter is not None
    assert (received.filter.town, received.filter.free) == ("Eksjö", True)


def test_a_form_shows_what_there_is(settings: Settings) -> None:
    plan = Plan.model_validate(
        {
            **GOOD,
            "towns": ["Eksjö"],
            "sessions": [{"at": datetime(2025, 1, 28, 16, tzinfo=UTC), "theme": "The treatments"}],
        }
    )
    form: Form[Plan] = Form.of(plan, settings.zone)
    assert form.text("name") == "Astrid"
    assert form.has("role", "patient")
    assert form.has("consent", "yes")
    assert not form.has("reminders", "yes")
    assert form.text("sessions-0-at-date") == "2025-01-28"
    assert form.text("sessions-0-at-time") == "17:00"
    assert list(form.rows("sessions", 3)) == [0, 1, 2]


def test_a_form_takes_over_only_what_is_about_the_answers() -> None:
    form: Form[Plan] = Form()
    form.fail(DomainError("Write a number", field="sessions.0.at"))
    assert list(form.errors) == ["sessions-0-at"]
    assert form.status == 422
    with pytest.raises(NotFound):
        form.fail(NotFound("There is no such page"))


def test_no_error_type_of_the_library_reaches_a_reader_in_its_own_words() -> None:
    class Everything(BaseModel):
        pass

    typed: Any
    for kind in wording.WORDS:
        error: Any = {"type": kind, "loc": ("x",), "msg": "Input should be valid", "input": "typed", "ctx": {}}
        typed = wording.problem(error)
        assert "nput" not in typed.message
    unknown: Any = {"type": "is_instance_of", "loc": ("x",), "msg": "Input should be", "input": "typed"}
    assert wording.problem(unknown).message == wording.CHECK
    try:
        Plan.model_validate({"name": 3})
    except ValidationError as error_:
        for found in error_.errors():
            assert "typed" not in wording.problem(found).message


async def test_the_header_escapes_who_is_signed_in(people: httpx.AsyncClient, settings: Settings) -> None:
    page = (await people.get("/staff", headers=signed_in(settings))).text
    assert "&lt;b&gt;Maj&lt;/b&gt;" in page
    assert 'action="/sign-out"' in page
