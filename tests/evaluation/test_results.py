"""Results for staff, quotes, and the poster that everybody may see."""

import json
from typing import Any

import pytest

from shared.access import StaffRole
from tests.evaluation.course import ORGANISER, Course


async def publish(course: Course) -> Any:
    address = f"/api/evaluation/programmes/{course.programme_id}/publish"
    return await course.client.post(address, headers=course.coordinator)


async def decide(course: Course, quote_id: str, status: str) -> int:
    address = f"/api/evaluation/quotes/{quote_id}"
    return (await course.client.post(address, json={"status": status}, headers=course.coordinator)).status_code


async def test_staff_see_shares_and_mean_with_n_when_all_have_answered(course: Course) -> None:
    await course.hear(course.planned())
    for number in range(2):
        tokens = await course.hold(number, 10)
        await course.answer_lecture(tokens[:7])
        await course.answer_lecture(tokens[7:], "valuable")
    tokens = await course.links(None, 10)
    await course.answer_course(tokens[:6], score=10)
    await course.answer_course(tokens[6:], score=9)
    results = await course.results()
    assert results["lectures"]["n"] == 20
    assert results["lectures"]["shares"]["very_valuable"] == 0.7
    assert results["lectures"]["shares"]["valuable"] == 0.3
    assert [lecture["n"] for lecture in results["lecture_sessions"]] == [10, 10]
    assert (results["course"]["mean"], results["course"]["n"]) == (9.6, 10)
    assert results["course_responses"] == {"answered": 10, "invited": 10}
    assert (results["sessions"], results["participants"], results["open_surveys"]) == (2, 10, 0)


async def test_few_answers_and_none_look_alike_to_staff(course: Course) -> None:
    await course.hear(course.planned())
    await course.answer_lecture(await course.hold(0, 4))
    few = await course.results()
    assert few["lectures"] == {"n": None, "shares": None, "counts": None}
    assert few["lecture_sessions"][0]["n"] is None
    assert few["course"] == {"n": None, "mean": None, "distribution": None}
    assert few["course_responses"]["answered"] is None


async def test_a_group_of_eight_is_shown_to_staff_and_not_to_the_public(course: Course) -> None:
    await course.play(8, lectures=True)
    results = await course.results()
    assert (results["lectures"]["n"], results["course"]["n"]) == (16, 8)
    assert results["quotes"] == []
    assert results["comments"] == ["Good to meet others"]
    poster = (await publish(course)).json()
    assert poster["lectures"] == {"n": None, "shares": None, "counts": None}
    assert poster["course"] == {"n": None, "mean": None, "distribution": None}
    assert (poster["quotes"], poster["facts"]["participants"]) == ([], None)
    (event,) = await course.announced("results-published")
    figures = json.loads(event["value"])["figures"]
    assert [(figure["n"], figure["mean"]) for figure in figures] == [(None, None), (None, None)]


async def test_a_quote_leaves_when_its_writer_and_a_coordinator_have_said_yes(course: Course) -> None:
    await course.play(12)
    (quote,) = (await course.results())["quotes"]
    assert (quote["text"], quote["status"]) == ("Good to meet others", "waiting")
    assert (await publish(course)).json()["quotes"] == []
    assert await decide(course, quote["quote_id"], "approved") == 200
    assert (await publish(course)).json()["quotes"] == ["Good to meet others"]
    assert await decide(course, quote["quote_id"], "waiting") == 200
    assert await decide(course, quote["quote_id"], "rejected") == 200
    assert (await publish(course)).json()["quotes"] == []


async def test_words_that_were_not_for_others_cannot_be_approved(course: Course) -> None:
    await course.play(12, comment="Only for you", consent="no")
    results = await course.results()
    assert (results["quotes"], results["comments"]) == ([], ["Only for you"])
    comment = await course.delivery.db.comments.find_one({})
    assert comment
    assert await decide(course, comment["_id"], "approved") == 403
    assert await decide(course, "nonsense", "approved") == 404
    assert await decide(course, comment["_id"], "splendid") == 422
    assert (await publish(course)).json()["quotes"] == []


async def test_nobody_reads_words_that_have_not_been_released(course: Course) -> None:
    await course.hear(course.planned(), course.held(0, 20), course.held(1, 20))
    tokens = await course.links(None, 20)
    await course.answer_course(tokens[:9], comment="Waiting", quote_consent="publish")
    results = await course.results()
    assert (results["quotes"], results["comments"]) == ([], [])


async def test_results_are_public_when_they_are_published_and_not_before(course: Course) -> None:
    await course.play(12, lectures=True)
    address = f"/api/evaluation/results/{course.programme_id}"
    assert (await course.client.get(address)).status_code == 404
    words = {"aims": ["Courage"], "how": ["- Small groups"], "next": ["Again in January\nwith a lecturer"]}
    written = await course.client.put(
        f"/api/evaluation/programmes/{course.programme_id}/poster", json=words, headers=course.coordinator
    )
    assert written.json()["next"] == ["Again in January", "with a lecturer"]
    assert (await publish(course)).status_code == 200
    poster = (await course.client.get(address)).json()
    assert (poster["aims"], poster["how"]) == (["Courage"], ["Small groups"])
    assert (poster["lectures"]["n"], poster["course"]["mean"]) == (24, 9.0)
    assert poster["facts"]["participants"] == 12
    assert [one["programme_id"] for one in (await course.client.get("/api/evaluation/results")).json()] == [
        course.programme_id
    ]
    (event,) = await course.announced("results-published")
    assert event["sequence"] == 1
    assert "Courage" not in event["value"]


async def test_publishing_again_announces_only_a_change_with_a_higher_sequence(course: Course) -> None:
    await course.play(12)
    await publish(course)
    await publish(course)
    assert len(await course.announced("results-published")) == 1
    (quote,) = (await course.results())["quotes"]
    await decide(course, quote["quote_id"], "approved")
    await publish(course)
    events = await course.announced("results-published")
    assert [event["sequence"] for event in events] == [1, 2]
    assert json.loads(events[-1]["value"])["quotes"] == ["Good to meet others"]


async def test_results_cannot_be_published_while_answers_can_still_come(course: Course) -> None:
    await course.hear(course.planned())
    await course.answer_lecture(await course.hold(0, 12))
    refused = await publish(course)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:motesplats:problem:still-answering")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "programmes/{id}/results", None),
        ("PUT", "programmes/{id}/poster", {"aims": ["x"]}),
        ("POST", "programmes/{id}/publish", None),
        ("POST", "quotes/{quote}", {"status": "approved"}),
    ],
)
async def test_only_the_organisers_own_staff_reach_results(
    course: Course, method: str, path: str, body: dict[str, Any] | None
) -> None:
    await course.play(12)
    comment = await course.delivery.db.comments.find_one({})
    assert comment
    address = "/api/evaluation/" + path.format(id=course.programme_id, quote=comment["_id"])
    readers = {
        "nobody": {},
        "another organiser's": course.signed_in("Another house"),
        "auditor": course.signed_in(ORGANISER, StaffRole.AUDITOR),
        "coordinator": course.coordinator,
    }
    statuses = {
        who: (await course.client.request(method, address, json=body, headers=headers)).status_code
        for who, headers in readers.items()
    }
    auditor = 200 if method == "GET" else 403
    assert statuses == {"nobody": 401, "another organiser's": 403, "auditor": auditor, "coordinator": 200}


async def test_an_unknown_programme_is_not_found(course: Course) -> None:
    address = "/api/evaluation/programmes/nonsense/results"
    assert (await course.client.get(address, headers=course.coordinator)).status_code == 404


async def test_a_line_that_is_too_long_is_refused_and_nothing_is_saved(course: Course) -> None:
    await course.hear(course.planned())
    address = f"/api/evaluation/programmes/{course.programme_id}/poster"
    refused = await course.client.put(address, json={"aims": ["fine"], "how": ["x" * 301]}, headers=course.coordinator)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["how"]
    assert (await course.results())["texts"] == {"aims": [], "how": [], "next": []}
