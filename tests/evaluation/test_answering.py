"""A link is good for one answer, and nothing that is stored tells whose it was."""

import asyncio
import hashlib
import json
from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest

from services.evaluation.domain.instruments import LECTURE_VALUE, read_answer
from services.evaluation.domain.surveys import LinkIsSpent
from services.evaluation.use_cases import answering
from tests.evaluation.course import PEOPLE, TOO_LATE, Course


async def stored_answers(course: Course) -> int:
    released = await course.delivery.db.answers.count_documents({})
    waiting = [len(row["answers"]) async for row in course.delivery.db.pending.find({})]
    return released + sum(waiting)


async def test_a_link_asks_what_the_survey_asks(course: Course) -> None:
    await course.hear(course.planned())
    token, *_ = await course.hold(0, 8)
    answer = await course.client.get(f"/api/evaluation/surveys/{token}")
    survey = answer.json()["survey"]
    assert (survey["kind"], survey["title"], survey["theme"]) == ("session", "Living with it", "Sleep and rest")
    assert [item["code"] for item in survey["items"]] == ["lecture"]
    codes = [option["code"] for option in survey["items"][0]["options"]]
    assert codes == ["very_valuable", "valuable", "less_valuable", "not_valuable"]


async def test_the_course_survey_asks_for_a_number_words_and_consent(course: Course) -> None:
    await course.hear(course.planned(), course.held(0, 8), course.held(1, 8))
    token, *_ = await course.links(None, 8)
    survey = (await course.client.get(f"/api/evaluation/surveys/{token}")).json()["survey"]
    kinds = {item["code"]: item["kind"] for item in survey["items"]}
    assert kinds == {"course": "scale", "comment": "text", "quote_consent": "choice"}


async def test_fifty_answers_with_one_link_at_the_same_time_store_one(course: Course) -> None:
    token, *_ = await course.hold(0, 8)
    answers = await asyncio.gather(*(course.answer(token, {"lecture": "valuable"}) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {204: 1, 410: 49}
    assert await stored_answers(course) == 1


async def test_a_link_is_good_once_even_where_no_lock_is_shared(course: Course) -> None:
    """As when several processes take answers: the store alone decides."""
    token, *_ = await course.hold(0, 8)
    hash = hashlib.sha256(token.encode()).hexdigest()
    reply = read_answer(LECTURE_VALUE, {"lecture": "valuable"})
    outcomes = await asyncio.gather(
        *(course.delivery.transact(lambda tx: answering.store_answer(tx, hash, reply)) for _ in range(20)),
        return_exceptions=True,
    )
    assert Counter(type(outcome) for outcome in outcomes) == {type(None): 1, LinkIsSpent: 19}
    assert await stored_answers(course) == 1


async def test_fifty_people_answering_at_the_same_time_are_all_heard(course: Course) -> None:
    tokens = await course.hold(0, 30)
    answers = await asyncio.gather(*(course.answer(token, {"lecture": "valuable"}) for token in tokens))
    assert {answer.status_code for answer in answers} == {204}
    assert await stored_answers(course) == 30
    await course.look()
    assert await course.delivery.db.answers.count_documents({}) == 30


async def test_a_used_link_is_gone(course: Course) -> None:
    token, *_ = await course.hold(0, 8)
    await course.answer_lecture([token])
    again = await course.answer(token, {"lecture": "not_valuable"})
    assert (again.status_code, again.headers["content-type"]) == (410, "application/problem+json")
    assert (await course.client.get(f"/api/evaluation/surveys/{token}")).status_code == 410
    assert await stored_answers(course) == 1


@pytest.mark.parametrize("token", ["forged", "a" * 5000, "%00", "..%2f..", "é", "%ff"])
async def test_a_forged_link_is_gone(course: Course, token: str) -> None:
    await course.hold(0, 8)
    assert (await course.answer(token, {"lecture": "valuable"})).status_code in {404, 410}
    assert await stored_answers(course) == 0


async def test_the_hash_of_a_link_is_no_link(course: Course) -> None:
    token, *_ = await course.hold(0, 8)
    hash = hashlib.sha256(token.encode()).hexdigest()
    assert (await course.answer(hash, {"lecture": "valuable"})).status_code == 410


async def test_a_link_to_a_closed_survey_is_gone_even_before_anybody_has_closed_it(course: Course) -> None:
    token, *_ = await course.hold(0, 8)
    course.time(TOO_LATE)
    assert (await course.answer(token, {"lecture": "valuable"})).status_code == 410
    await course.look()
    assert (await course.client.get(f"/api/evaluation/surveys/{token}")).status_code == 410
    assert await stored_answers(course) == 0


async def test_a_link_that_is_faster_than_its_survey_can_be_tried_again(course: Course) -> None:
    await course.hear(course.held(0, 8))
    minted, tokens = course.minted(0, 8)
    early = await course.answer(tokens[0], {"lecture": "valuable"})
    assert early.status_code == 503
    await course.hear(minted)
    assert (await course.answer(tokens[0], {"lecture": "valuable"})).status_code == 204
    assert (await course.answer("forged", {"lecture": "valuable"})).status_code == 410


@pytest.mark.parametrize(
    "body",
    [
        {"answers": {}},
        {"answers": {"lecture": "splendid"}},
        {"answers": {"lecture": 9}},
        {"answers": {"lecture": "valuable", "course": 9}},
        {"answers": {"lecture": "valuable"}, "comment": "not asked for"},
        {"answers": {"lecture": "valuable"}, "quote_consent": "perhaps"},
        {"answers": ["valuable"]},
        {},
    ],
)
async def test_an_answer_that_is_none_leaves_the_link_good(course: Course, body: dict[str, Any]) -> None:
    token, *_ = await course.hold(0, 8)
    refused = await course.client.post(f"/api/evaluation/surveys/{token}", json=body)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert "splendid" not in refused.text
    assert (await course.answer(token, {"lecture": "valuable"})).status_code == 204


async def test_hostile_and_broken_text_is_kept_as_text_or_refused(course: Course) -> None:
    await course.hear(course.planned())
    for number in range(2):
        await course.hold(number, 12)
    tokens = await course.links(None, 12)
    texts = ["<script>alert(1)</script>", "{{ 7*7 }} $where {'$gt': ''}", "a\x00b\u202ec", "😀\n\nÅsa’s"]
    for token, text in zip(tokens, texts, strict=False):
        await course.answer_course([token], comment=text)
    await course.answer_course(tokens[4:])
    await course.look()
    found = {row["text"] async for row in course.delivery.db.comments.find({})}
    assert found == {"<script>alert(1)</script>", "{{ 7*7 }} $where {'$gt': ''}", "a bc", "😀\n\nÅsa’s"}
    broken = await course.client.post(
        f"/api/evaluation/surveys/{tokens[0]}",
        content=b'{"answers": {"course": 9}, "comment": "\\ud800"}',
        headers={"content-type": "application/json"},
    )
    assert broken.status_code in {410, 422}


async def test_the_link_goes_in_the_transaction_that_stores_the_answer(course: Course) -> None:
    token, *_ = await course.hold(0, 8)
    hash = hashlib.sha256(token.encode()).hexdigest()

    async def fails_late(tx: Any) -> None:
        reply = read_answer(LECTURE_VALUE, {"lecture": "valuable"})
        await answering.store_answer(tx, hash, reply)
        raise LookupError

    with pytest.raises(LookupError):
        await course.delivery.transact(fails_late)
    assert await stored_answers(course) == 0
    assert await course.delivery.db.invitations.find_one({"_id": hash})
    await course.answer_lecture([token])
    assert await course.delivery.db.invitations.find_one({"_id": hash}) is None


async def test_nothing_is_shown_until_enough_have_answered_and_then_a_crowd_at_a_time(course: Course) -> None:
    await course.hear(course.planned(), course.held(0, 20), course.held(1, 20))
    tokens = await course.links(None, 20)
    seen = []
    for token in tokens:
        await course.answer_course([token])
        seen.append((await course.results())["course"]["n"])
    assert seen == [None] * 9 + [5] * 5 + [10] * 5 + [20]
    submitted = [json.loads(row["value"]) for row in await course.announced("survey-submitted")]
    assert [event["released"] for event in submitted] == [5, 5, 10]
    assert [row["sequence"] for row in await course.announced("survey-submitted")] == [2, 3, 4]
    assert set(submitted[0]) == {
        "survey_id",
        "programme_id",
        "session_id",
        "instrument",
        "instrument_version",
        "released",
    }


async def test_when_the_time_is_over_what_is_there_is_released(course: Course) -> None:
    await course.hear(course.planned())
    tokens = await course.hold(0, 8)
    await course.answer_lecture(tokens[:6])
    assert await course.announced("survey-submitted") == []
    course.time(TOO_LATE)
    await course.look()
    assert (await course.results())["open_surveys"] == 0
    assert await course.delivery.db.answers.count_documents({}) == 6
    await course.look()
    assert len(await course.announced("survey-submitted")) == 1


async def test_a_survey_closes_without_an_event_when_nobody_has_answered(course: Course) -> None:
    await course.hear(course.planned())
    await course.hold(0, 8)
    course.time(TOO_LATE)
    await course.look()
    assert (await course.results())["open_surveys"] == 0
    assert await course.announced("survey-submitted") == []


async def test_an_answer_is_released_at_a_moment_of_its_own(course: Course) -> None:
    await course.answer_lecture(await course.hold(0, 8))
    assert await course.delivery.db.answers.count_documents({}) == 0
    assert await course.announced("survey-submitted") == []
    await course.look()
    assert await course.delivery.db.answers.count_documents({}) == 8


def moments(value: object) -> list[object]:
    if isinstance(value, dict):
        return [found for inner in value.values() for found in moments(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in moments(inner)]
    return [value] if isinstance(value, datetime | date) else []


async def test_what_is_stored_of_an_answer_holds_no_person_no_link_and_no_time(course: Course) -> None:
    await course.hear(course.planned(), course.attendance(0, 20), course.held(0, 20), course.attendance(1, 20))
    await course.hear(course.held(1, 20))
    tokens = await course.links(None, 20)
    for score, token in enumerate(tokens[:12]):
        await course.answer_course([token], score=score % 11, comment=f"words {score}", quote_consent="publish")
    await course.look()
    db = course.delivery.db
    fields = {
        "answers": {"_id", "survey_id", "programme_id", "instrument", "instrument_version", "value"},
        "comments": {"_id", "survey_id", "programme_id", "text", "may_be_quoted", "status"},
        "invitations": {"_id", "survey_id"},
        "batches": {"_id", "minted"},
    }
    for name, expected in fields.items():
        rows = await db[name].find({}).to_list(None)
        assert rows, name
        assert {field for row in rows for field in row} == expected
        assert moments(rows) == []
    waiting = await db.pending.find({}).to_list(None)
    assert {field for row in waiting for field in row} == {"_id", "answers"}
    pending = [answer for row in waiting for answer in row["answers"]]
    assert {field for answer in pending for field in answer} == {"value", "comment", "may_be_quoted"}
    assert moments(waiting) == []

    used = [hashlib.sha256(token.encode()).hexdigest() for token in tokens[:12]]
    for name in await db.list_collection_names():
        text = str(await db[name].find({}).to_list(None))
        assert not any(token in text for token in tokens), name
        if name != "inbox":
            assert not any(hash in text for hash in used), name
        if name != "attendance":
            assert not any(person in text for person in PEOPLE), name


async def test_the_order_in_which_people_answered_is_not_kept(course: Course) -> None:
    await course.hear(course.planned(), course.held(0, 20), course.held(1, 20))
    tokens = await course.links(None, 20)
    for score, token in enumerate(tokens[:9]):
        await course.answer_course([token], score=score)
    row = await course.delivery.db.pending.find_one({"_id": course.survey_id(None)})
    assert row
    assert [answer["value"] for answer in row["answers"]] != list(range(9))
    for token in tokens[9:]:
        await course.answer_course([token], score=10, comment="late")
    await course.look()
    kept = [row["value"] async for row in course.delivery.db.answers.find({}).sort("_id", 1)]
    natural = [row["value"] async for row in course.delivery.db.answers.find({})]
    early = list(range(9))
    assert sorted(kept) == early + [10] * 11
    assert [value for value in natural if value < 10] != early
    assert [value for value in kept if value < 10] != early
