"""What is asked: instruments with versions, and what counts as an answer to them.

An answer names its instrument and version, so that a changed question never shifts old answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from motesplats_events import SurveyKind
from shared.errors import Invalid, NotFound, Problem
from shared.text import several_lines

LONGEST_COMMENT = 2000

Value: TypeAlias = str | int


def msg(message: str) -> str:
    """Mark wording for translation; who shows it, translates it."""
    return message


class Consent(StrEnum):
    """What somebody allows with their free text."""

    PUBLISH = "publish"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a choice.

    Attributes:
        code: stored and published.
        text: English message id.
    """

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A question with a few named answers, of which one is given."""

    code: str
    text: str
    options: tuple[Option, ...]
    unanswered: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A question answered with a whole number.

    Attributes:
        lowest: and `highest`: the ends, both possible answers.
        low_text: what the lowest number means; English message id.
        high_text: what the highest number means; English message id.
    """

    code: str
    text: str
    lowest: int
    highest: int
    low_text: str
    high_text: str
    unanswered: str


Question: TypeAlias = Choice | Scale


@dataclass(frozen=True, slots=True)
class Instrument:
    """A set of questions that is used unchanged; other words or options make a new version.

    Attributes:
        code: with `version`, what an answer names.
        question: the one question whose answer is counted.
        free_text: the question that invites words of one's own; None where none is asked.
        licence: on what terms the wording may be used.
        scoring: how a figure is made of the answers, and what happens to missing ones.
    """

    code: str
    version: int
    question: Question
    free_text: str | None
    licence: str
    scoring: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person answered. It holds nobody's id, no link and no time.

    Attributes:
        value: an option's code, or a number.
        comment: words of their own.
        may_be_quoted: True only where that was chosen.
    """

    value: Value
    comment: str | None = None
    may_be_quoted: bool = False


LECTURE_VALUE = Instrument(
    code="lecture-value",
    version=1,
    question=Choice(
        code="lecture",
        text=msg("How valuable was the lecture to you?"),
        options=(
            Option("very_valuable", msg("Very valuable")),
            Option("valuable", msg("Valuable")),
            Option("less_valuable", msg("Less valuable")),
            Option("not_valuable", msg("Not valuable")),
        ),
        unanswered=msg("Choose the answer that fits best"),
    ),
    free_text=None,
    licence="Apache-2.0, own wording",
    scoring="share of each option among those who answered; no answer is not counted",
)

COURSE_WHOLE = Instrument(
    code="course-whole",
    version=1,
    question=Scale(
        code="course",
        text=msg("How was the course as a whole, the conversations included?"),
        lowest=0,
        highest=10,
        low_text=msg("not good at all"),
        high_text=msg("could not be better"),
        unanswered=msg("Choose a number from 0 to 10"),
    ),
    free_text=msg("Would you like to say something in your own words?"),
    licence="Apache-2.0, own wording",
    scoring="mean of the numbers given, with one decimal, n and distribution; no answer is not counted",
)

INSTRUMENTS = {(i.code, i.version): i for i in (LECTURE_VALUE, COURSE_WHOLE)}
ASKED_ABOUT = {SurveyKind.SESSION: LECTURE_VALUE, SurveyKind.COURSE: COURSE_WHOLE}


def instrument(code: str, version: int) -> Instrument:
    """The instrument that an answer or survey names.

    Raises:
        NotFound: this release does not know it.
    """
    found = INSTRUMENTS.get((code, version))
    if found is None:
        raise NotFound("There is no such set of questions")
    return found


def options(question: Question) -> tuple[str, ...]:
    """Every possible answer as a code, in the order in which it is shown."""
    if isinstance(question, Choice):
        return tuple(option.code for option in question.options)
    return tuple(str(number) for number in range(question.lowest, question.highest + 1))


def read_answer(
    instrument: Instrument,
    given: Mapping[str, Value],
    comment: str | None = None,
    consent: str | None = None,
) -> Answer:
    """Make an answer of what somebody sent.

    Words that nobody said may be published, may not: silence is a no.

    Args:
        given: the value by the question's code.

    Raises:
        Invalid: with every problem at once, by field.
    """
    problems: list[Problem] = []
    question = instrument.question
    value = given.get(question.code)
    if not _answers(question, value):
        problems.append(Problem(question.code, question.unanswered))
    problems += [Problem(code, "This is not asked here") for code in given if code != question.code]
    words = several_lines(comment or "")
    if words and instrument.free_text is None:
        problems.append(Problem("comment", "This is not asked here"))
    if len(words) > LONGEST_COMMENT:
        problems.append(Problem("comment", "Write at most {most} characters; these are {given}", _lengths(words)))
    if consent not in {None, "", *Consent}:
        problems.append(Problem("quote_consent", "Choose one of the answers"))
    if problems:
        raise Invalid(problems)
    assert value is not None
    return Answer(value, words or None, may_be_quoted=bool(words) and consent == Consent.PUBLISH)


def _answers(question: Question, value: Value | None) -> bool:
    if isinstance(question, Choice):
        return value in options(question)
    return type(value) is int and question.lowest <= value <= question.highest


def _lengths(words: str) -> dict[str, object]:
    return {"most": LONGEST_COMMENT, "given": len(words)}
