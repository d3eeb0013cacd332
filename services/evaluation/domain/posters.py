"""The results poster: what leaves this service, and who decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.evaluation.domain.figures import Figure
from shared.errors import Conflict, Forbidden, Invalid, Problem
from shared.text import several_lines

MOST_LINES = 12
LONGEST_LINE = 300


class QuoteStatus(StrEnum):
    """What a coordinator has decided about a quote."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


class StillAnswering(Conflict):
    """Results are published when all answers are in; a figure that grows could give single answers away."""

    code = "still-answering"

    def __init__(self) -> None:
        super().__init__("The results can be published when all sessions have been held and all surveys have closed")


@dataclass(frozen=True, slots=True)
class Comment:
    """Somebody's own words, apart from the rest of their answer.

    Attributes:
        may_be_quoted: they said yes to that.
        status: matters only where it may be quoted.
        group: how many answers have been released in the survey they belong to.
    """

    comment_id: str
    programme_id: str
    text: str
    may_be_quoted: bool
    status: QuoteStatus
    group: int


def readable(comments: Sequence[Comment], threshold: int) -> list[Comment]:
    """The comments that staff may read: none from a group under the threshold."""
    return [comment for comment in comments if comment.group >= threshold]


def quotable(comments: Sequence[Comment], public_threshold: int) -> list[Comment]:
    """The comments that may be approved: consented to, and from a group that the public may hear of."""
    return [c for c in comments if c.may_be_quoted and c.group >= public_threshold]


def published_quotes(comments: Sequence[Comment], public_threshold: int) -> tuple[str, ...]:
    """The words that leave, in an order that says nothing of when they came."""
    approved = (c.text for c in quotable(comments, public_threshold) if c.status is QuoteStatus.APPROVED)
    return tuple(sorted(approved))


def check_decision(comment: Comment, public_threshold: int) -> None:
    """Let pass only what a coordinator may decide about.

    Raises:
        Forbidden: its writer did not say that it may be published, or too few answered.
    """
    if comment not in quotable([comment], public_threshold):
        raise Forbidden("This was not written for others to read, and may not be published")


class Texts(BaseModel):
    """The poster in the coordinator's words, a line each.

    Attributes:
        aims: what we want to achieve.
        how: how we did it.
        next: next steps and lessons.
    """

    model_config = ConfigDict(frozen=True)

    aims: tuple[str, ...] = ()
    how: tuple[str, ...] = ()
    next: tuple[str, ...] = ()


def read_texts(aims: Sequence[str], how: Sequence[str], next: Sequence[str]) -> Texts:
    """Tidy what was typed: empty lines and list marks go.

    Raises:
        Invalid: too many lines, or too long ones.
    """
    given = {"aims": _lines(aims), "how": _lines(how), "next": _lines(next)}
    problems = []
    for field, lines in given.items():
        if len(lines) > MOST_LINES:
            counts: dict[str, object] = {"most": MOST_LINES, "given": len(lines)}
            problems.append(Problem(field, "Write at most {most} lines; these are {given}", counts))
        if any(len(line) > LONGEST_LINE for line in lines):
            problems.append(Problem(field, "Write at most {most} characters in a line", {"most": LONGEST_LINE}))
    if problems:
        raise Invalid(problems)
    return Texts(**given)


class Facts(BaseModel):
    """What the platform knows of how a programme went.

    Attributes:
        sessions: held ones.
        themes: of those, in order.
        first: the first session's day; None before it.
        last: the last session's day.
        participants: distinct people who came at least once; None where the public may not know.
        invited: how many were asked about the course as a whole; None where the public may not know.
        assignments: completed by volunteers.
    """

    model_config = ConfigDict(frozen=True)

    sessions: int
    themes: tuple[str, ...]
    first: date | None
    last: date | None
    participants: int | None
    invited: int | None
    assignments: int


class Poster(BaseModel):
    """Everything the public may see of a programme's results."""

    model_config = ConfigDict(frozen=True)

    programme_id: str
    title: str
    organiser: str
    municipality: str
    place: str
    texts: Texts
    facts: Facts
    lectures: Figure
    course: Figure
    quotes: tuple[str, ...]
    definitions_version: int


class PublishedPoster(BaseModel):
    """A poster as it was when somebody published it."""

    model_config = ConfigDict(frozen=True)

    poster: Poster
    published_on: date
    version: int


def _lines(typed: Sequence[str]) -> tuple[str, ...]:
    lines = (line.lstrip("-*•· ").strip() for text in typed for line in several_lines(text).splitlines())
    return tuple(line for line in lines if line)
