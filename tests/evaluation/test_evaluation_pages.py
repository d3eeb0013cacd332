"""The pages as people get them, without JavaScript, in three languages."""

import re

import httpx
import pytest

from shared.access import STAFF_COOKIE
from tests.evaluation.course import TOO_LATE, Course

LANGUAGES = {
    "sv": ("Hur värdefull var föreläsningen för dig?", "Mycket värdefull", "Tack", "Inga resultat ännu"),
    "da": ("Hvor værdifuldt var oplægget for dig?", "Meget værdifuldt", "Tak", "Ingen resultater endnu"),
    "en": ("How valuable was the lecture to you?", "Very valuable", "Thank you", "No results yet"),
}


def title(page: httpx.Response) -> str:
    found = re.search(r"<title>(.*?)</title>", page.text, re.S)
    assert found
    return found[1]


async def staff_page(course: Course, path: str = "") -> httpx.Response:
    address = f"/staff/results/{course.programme_id}{path}"
    return await course.client.get(address, headers=course.coordinator)


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_pages_speak_the_readers_language(course: Course, lang: str) -> None:
    question, option, thanks, empty = LANGUAGES[lang]
    token, *_ = await course.hold(0, 8)
    headers = {"accept-language": lang}
    page = await course.client.get(f"/surveys/{token}", headers=headers)
    assert (page.status_code, page.headers["content-language"]) == (200, lang)
    assert question in page.text
    assert option in page.text
    assert "<fieldset" in page.text
    assert page.text.count('type="radio"') == 4
    assert " checked" not in page.text
    assert thanks in (await course.client.get("/surveys/thank-you", headers=headers)).text
    assert empty in (await course.client.get("/results", headers=headers)).text


async def test_an_answer_leads_to_a_page_that_says_thank_you_and_holds_no_link(course: Course) -> None:
    token, *_ = await course.hold(0, 8)
    sent = await course.client.post(f"/surveys/{token}", data={"lecture": "valuable"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/surveys/thank-you")
    used = await course.client.get(f"/surveys/{token}")
    assert used.status_code == 410
    assert "your answer has arrived" in used.text


async def test_a_forgotten_answer_is_asked_for_and_nothing_typed_is_lost(course: Course) -> None:
    await course.hear(course.planned(), course.held(0, 8), course.held(1, 8))
    token, *_ = await course.links(None, 8)
    words = "Two lines\nwith <b>marks</b> & more"
    page = await course.client.post(f"/surveys/{token}", data={"comment": words, "quote_consent": "publish"})
    assert page.status_code == 422
    assert title(page).startswith("Error:")
    assert "Choose a number from 0 to 10" in page.text
    assert "Two lines\nwith &lt;b&gt;marks&lt;/b&gt; &amp; more</textarea>" in page.text
    assert re.search(r'value="publish" checked', page.text)
    good = {"comment": words, "quote_consent": "publish", "course": "9"}
    assert (await course.client.post(f"/surveys/{token}", data=good)).status_code == 303
    row = await course.delivery.db.pending.find_one({"_id": course.survey_id(None)})
    assert row
    assert row["answers"] == [{"value": 9, "comment": words, "may_be_quoted": True}]


@pytest.mark.parametrize("course_answer", ["11", "-1", "nine", "9.5", "9" * 400])
async def test_a_tampered_number_is_refused(course: Course, course_answer: str) -> None:
    await course.hear(course.planned(), course.held(0, 8), course.held(1, 8))
    token, *_ = await course.links(None, 8)
    page = await course.client.post(f"/surveys/{token}", data={"course": course_answer})
    assert page.status_code == 422


async def test_who_writes_until_the_link_is_gone_gets_the_words_back(course: Course) -> None:
    await course.hear(course.planned())
    for number in range(2):
        await course.hold(number, 8)
    token, *_ = await course.links(None, 8)
    await course.answer_course([token])
    late = await course.client.post(f"/surveys/{token}", data={"course": "9", "comment": "My <long> words"})
    assert late.status_code == 410
    assert "My &lt;long&gt; words" in late.text


async def test_a_forged_a_closed_and_an_early_link_say_kindly_what_happened(course: Course) -> None:
    await course.hear(course.planned(), course.held(0, 8))
    minted, tokens = course.minted(0, 8)
    early = await course.client.get(f"/surveys/{tokens[0]}")
    assert (early.status_code, "Try again" in early.text) == (503, True)
    await course.hear(minted)
    forged = await course.client.get("/surveys/forged")
    assert (forged.status_code, "This link no longer works" in forged.text) == (410, True)
    course.time(TOO_LATE)
    closed = await course.client.get(f"/surveys/{tokens[0]}")
    assert (closed.status_code, "The time for answering is over" in closed.text) == (410, True)


async def test_no_page_with_a_link_is_kept_or_names_the_programme_in_its_title(course: Course) -> None:
    await course.hear(course.planned("A diagnosis"))
    token, *_ = await course.hold(0, 8)
    page = await course.client.get(f"/surveys/{token}")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "A diagnosis" not in title(page)


async def test_the_poster_shows_shares_in_a_chart_with_its_table_and_the_mean_with_n(course: Course) -> None:
    await course.play(12, lectures=True)
    await staff_post(course, "", aims="Courage for everyday life", how="", next="Again <soon>")
    await staff_post(course, "/publish")
    page = await course.client.get(f"/results/{course.programme_id}", headers={"accept-language": "sv"})
    assert page.status_code == 200
    assert '<svg class="chart" role="img"' in page.text
    assert re.search(r"Mycket värdefull.*?100\s*%", page.text, re.S)
    assert re.search(r"9,0 <small>av 10 · medel, n = 12", page.text)
    assert "Courage for everyday life" in page.text
    assert "Again &lt;soon&gt;" in page.text
    assert "Sleep and rest" in page.text
    assert "12 deltagare" in page.text
    assert "Good to meet others" not in page.text
    assert course.programme_id in (await course.client.get("/results")).text


async def test_a_poster_that_was_not_published_is_not_found(course: Course) -> None:
    await course.play(12)
    assert (await course.client.get(f"/results/{course.programme_id}")).status_code == 404


async def staff_post(course: Course, path: str, **fields: str) -> httpx.Response:
    address = f"/staff/results/{course.programme_id}{path}"
    return await course.client.post(address, data=fields, headers=course.coordinator)


async def test_staff_choose_quotes_take_that_back_write_and_publish(course: Course) -> None:
    await course.play(12)
    quote_id = (await course.results())["quotes"][0]["quote_id"]
    page = await staff_page(course)
    assert page.text.count("Approve</button>") == 1
    approved = await staff_post(course, f"/quotes/{quote_id}", status="approved")
    assert approved.status_code == 303
    assert "Take back</button>" in (await staff_page(course)).text
    assert (await staff_post(course, "", aims="One\nTwo", how="", next="")).status_code == 303
    assert (await staff_post(course, "/publish")).status_code == 303
    assert "Good to meet others" in (await course.client.get(f"/results/{course.programme_id}")).text
    await staff_post(course, f"/quotes/{quote_id}", status="rejected")
    assert "Publish again" in (await staff_page(course)).text
    assert "published" in (await course.client.get("/staff/results", headers=course.coordinator)).text


async def test_poster_words_that_are_too_many_are_shown_again_with_what_is_wrong(course: Course) -> None:
    await course.play(12)
    page = await staff_post(course, "", aims="a line\n" * 13, how="kept", next="")
    assert page.status_code == 422
    assert title(page).startswith("Error:")
    assert "Write at most 12 lines; these are 13" in page.text
    assert "kept</textarea>" in page.text
    assert (await course.results())["texts"]["how"] == []


async def test_staff_pages_are_closed_to_others_and_to_other_organisers(course: Course) -> None:
    await course.play(12)
    address = f"/staff/results/{course.programme_id}"
    asked = await course.client.get(address)
    assert (asked.status_code, asked.headers["location"].startswith("/sign-in")) == (303, True)
    other = course.signed_in("Another house")
    assert (await course.client.get(address, headers=other)).status_code == 403
    assert "Living with it" not in (await course.client.get("/staff/results", headers=other)).text


async def test_a_cookie_signs_in_and_few_answers_are_not_shown(course: Course) -> None:
    await course.play(4)
    token = course.coordinator["authorization"].removeprefix("Bearer ")
    page = await course.client.get(
        f"/staff/results/{course.programme_id}", headers={"cookie": f"{STAFF_COOKIE}={token}"}
    )
    assert page.text.count("Too few answers to show. At least 5 are needed.") == 2
    assert page.text.count("not shown") >= 2
    assert '<svg class="chart"' not in page.text


async def test_pages_hold_no_inline_style_or_script(course: Course) -> None:
    await course.play(12)
    await staff_post(course, "/publish")
    token = "forged"
    for address in (f"/surveys/{token}", "/results", f"/results/{course.programme_id}", "/staff/results"):
        page = await course.client.get(address, headers=course.coordinator)
        assert not re.search(r"\sstyle=|<style|\son\w+=", page.text), address
        assert not re.search(r"<script(?![^>]*\ssrc=)", page.text), address
