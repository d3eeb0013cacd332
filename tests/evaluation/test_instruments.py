"""What counts as an answer."""

import pytest

from services.evaluation.domain.instruments import (
    COURSE_WHOLE,
    INSTRUMENTS,
    LECTURE_VALUE,
    LONGEST_COMMENT,
    Answer,
    Value,
    instrument,
    read_answer,
)
from shared.errors import Invalid, NotFound


def problems(refused: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {problem.field for problem in refused.value.problems}


def test_an_instrument_is_found_by_code_and_version_and_says_its_licence_and_scoring() -> None:
    assert instrument("lecture-value", 1) is LECTURE_VALUE
    assert instrument("course-whole", 1) is COURSE_WHOLE
    assert all(one.licence and one.scoring for one in INSTRUMENTS.values())
    with pytest.raises(NotFound):
        instrument("lecture-value", 2)


def test_a_lecture_is_answered_with_one_of_four_words() -> None:
    assert read_answer(LECTURE_VALUE, {"lecture": "less_valuable"}) == Answer("less_valuable")


@pytest.mark.parametrize("score", [0, 5, 10])
def test_a_course_is_answered_with_a_number_from_0_to_10(score: int) -> None:
    assert read_answer(COURSE_WHOLE, {"course": score}) == Answer(score)


@pytest.mark.parametrize("given", [{}, {"lecture": "splendid"}, {"lecture": 1}, {"lecture": ""}])
def test_any_other_answer_to_a_lecture_is_refused(given: dict[str, Value]) -> None:
    with pytest.raises(Invalid) as refused:
        read_answer(LECTURE_VALUE, given)
    assert problems(refused) == {"lecture"}


@pytest.mark.parametrize("score", [-1, 11, "9", True, None, 9.5])
def test_any_other_answer_to_a_course_is_refused(score: Value) -> None:
    with pytest.raises(Invalid) as refused:
        read_answer(COURSE_WHOLE, {"course": score})
    assert problems(refused) == {"course"}


def test_what_was_not_asked_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read_answer(LECTURE_VALUE, {"lecture": "valuable", "course": 9}, comment="hello")
    assert problems(refused) == {"course", "comment"}


def test_words_may_be_quoted_only_where_that_was_chosen() -> None:
    def quotable(consent: str | None) -> bool:
        return read_answer(COURSE_WHOLE, {"course": 9}, "Good coffee", consent).may_be_quoted

    assert quotable("publish")
    assert not quotable("no")
    assert not quotable(None)
    assert not read_answer(COURSE_WHOLE, {"course": 9}, " \n ", "publish").may_be_quoted
    with pytest.raises(Invalid) as refused:
        quotable("perhaps")
    assert problems(refused) == {"quote_consent"}


def test_words_keep_their_lines_and_lose_hidden_characters() -> None:
    answer = read_answer(COURSE_WHOLE, {"course": 9}, "  One\r\ntwo\x00\u202e three ")
    assert answer.comment == "One\ntwo  three"
    assert read_answer(COURSE_WHOLE, {"course": 9}, " \n").comment is None


def test_words_that_are_too_many_are_refused_with_how_many_they_are() -> None:
    with pytest.raises(Invalid) as refused:
        read_answer(COURSE_WHOLE, {}, "x" * (LONGEST_COMMENT + 1))
    assert problems(refused) == {"course", "comment"}
    assert {"most": 2000, "given": 2001} in [problem.values for problem in refused.value.problems]
