"""Which words leave, and what a poster says."""

from datetime import UTC, datetime, timedelta

import pytest

from motesplats_events import SurveyKind
from services.evaluation import publishes
from services.evaluation.domain.figures import SessionAnswers
from services.evaluation.domain.posters import (
    LONGEST_LINE,
    MOST_LINES,
    Comment,
    PublishedPoster,
    QuoteStatus,
    StillAnswering,
    Texts,
    check_decision,
    published_quotes,
    read_texts,
)
from services.evaluation.domain.results import Evidence, for_everybody, for_staff
from services.evaluation.domain.surveys import HeldSession, PlannedSession, Programme, Survey
from shared.errors import Forbidden, Invalid

STAFF, PUBLIC = 5, 10
START = datetime(2025, 1, 28, 16, tzinfo=UTC)


def comment(
    text: str = "Good", *, may: bool = True, status: QuoteStatus = QuoteStatus.APPROVED, group: int = 20
) -> Comment:
    return Comment(text, "p", text, may, status, group)


def evidence(people: int, comments: list[Comment] | None = None, is_open: bool = False) -> Evidence:
    def survey(kind: SurveyKind, session_id: str | None) -> Survey:
        asked = "lecture-value" if session_id else "course-whole"
        return Survey(f"{kind}", "p", kind, session_id, ("s",), asked, 1, START, START + timedelta(14), is_open, people)

    return Evidence(
        programme=Programme("p", "A course", "A clinic", "Ekby", "The room", (PlannedSession("s", START, "Sleep"),)),
        held=[HeldSession("s", "p", "Sleep", START, people)],
        surveys=[survey(SurveyKind.SESSION, "s"), survey(SurveyKind.COURSE, None)],
        lectures=[SessionAnswers("s", START, {"very_valuable": people})],
        scores={9: people},
        comments=comments or [],
        participants=people,
        invited={"course": people + 2, "session": people + 3},
        assignments=1,
    )


def test_only_words_that_were_allowed_and_approved_leave() -> None:
    comments = [
        comment("approved"),
        comment("waiting", status=QuoteStatus.WAITING),
        comment("rejected", status=QuoteStatus.REJECTED),
        comment("not allowed", may=False),
        comment("from too small a group", group=PUBLIC - 1),
    ]
    assert published_quotes(comments, PUBLIC) == ("approved",)


@pytest.mark.parametrize("found", [comment(may=False), comment(group=PUBLIC - 1)])
def test_a_coordinator_cannot_approve_what_may_not_leave(found: Comment) -> None:
    with pytest.raises(Forbidden):
        check_decision(found, PUBLIC)


def test_staff_choose_among_quotes_and_read_the_rest_apart() -> None:
    view = for_staff(evidence(20, [comment("yes"), comment("no", may=False)]), STAFF, PUBLIC)
    assert [c.text for c in view.quotes] == ["yes"]
    assert [c.text for c in view.notes] == ["no"]


def test_staff_read_no_words_from_a_group_under_their_threshold() -> None:
    few = for_staff(evidence(4, [comment("yes", group=4)]), STAFF, PUBLIC)
    assert (few.quotes, few.notes) == ([], [])
    some = for_staff(evidence(9, [comment("yes", group=9)]), STAFF, PUBLIC)
    assert some.quotes == []
    assert [c.text for c in some.notes] == ["yes"]


def test_a_poster_holds_suppressed_figures_facts_and_approved_words() -> None:
    poster = for_everybody(evidence(20, [comment("kind")]), Texts(aims=("Courage",)), PUBLIC, UTC)
    assert (poster.course.mean, poster.course.n, poster.lectures.n) == (9.0, 20, 20)
    assert (poster.facts.participants, poster.facts.invited, poster.facts.assignments) == (20, 22, 1)
    assert poster.facts.themes == ("Sleep",)
    assert poster.quotes == ("kind",)
    assert poster.texts.aims == ("Courage",)


def test_a_poster_about_few_people_shows_no_figure_and_no_number_of_people() -> None:
    poster = for_everybody(evidence(7, [comment(group=7)]), Texts(), PUBLIC, UTC)
    assert not poster.course.is_shown
    assert not poster.lectures.is_shown
    assert (poster.facts.participants, poster.facts.invited) == (None, None)
    assert poster.quotes == ()
    event = publishes.results_published(PublishedPoster(poster=poster, published_on=START.date(), version=1))
    assert [figure.n for figure in event.figures] == [None, None]
    assert {share.count for figure in event.figures for share in figure.distribution} == {None}


def test_results_cannot_be_published_while_answers_can_still_come() -> None:
    with pytest.raises(StillAnswering):
        for_everybody(evidence(20, is_open=True), Texts(), PUBLIC, UTC)


def test_the_words_of_a_poster_are_lines_without_list_marks() -> None:
    texts = read_texts(["- One\r\n\r\n• Two\n"], [], ["* Three"])
    assert texts == Texts(aims=("One", "Two"), next=("Three",))


def test_too_many_or_too_long_lines_are_refused_by_field() -> None:
    with pytest.raises(Invalid) as refused:
        read_texts(["x\n" * (MOST_LINES + 1)], ["x" * (LONGEST_LINE + 1)], [])
    assert [problem.field for problem in refused.value.problems] == ["aims", "how"]
