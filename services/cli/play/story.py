"""A story of one course, from the first registration to the published result, written down in YAML."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from motesplats_events import RegistrationStatus, Role
from services.cli.play.reading import FieldPath, Moment

Count = Annotated[int, Field(ge=0, le=2000, strict=True)]
Words = Annotated[str, Field(min_length=1, max_length=2000, strict=True)]


class LectureAnswer(StrEnum):
    """Answers to "how valuable was the lecture"."""

    VERY_VALUABLE = "very_valuable"
    VALUABLE = "valuable"
    LESS_VALUABLE = "less_valuable"
    NOT_VALUABLE = "not_valuable"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Place(_Part):
    """Where the programme meets."""

    name: Words
    municipality: Words


class StorySession(_Part):
    """One dated meeting."""

    at: Moment
    minutes: Annotated[int, Field(ge=1, le=1440)]
    theme: Words


class Programme(_Part):
    """What the coordinator plans."""

    title: Words
    organiser: Words
    kind: Words
    place: Place
    places: dict[Role, Count]
    sessions: Annotated[list[StorySession], Field(min_length=1, max_length=100)]


class People(_Part):
    """So many people of one role."""

    role: Role
    count: Count


def _yaml_no(value: object) -> object:
    """YAML 1.1 reads an unquoted `no` as false."""
    return "no" if value is False else value


class Quote(_Part):
    """Free text given with a course answer."""

    text: Words
    consent: Annotated[Literal["publish", "no"], BeforeValidator(_yaml_no)]


class Assignments(_Part):
    """Peers asked to the course: how many were asked, said yes, and did it."""

    offered: Count = 0
    accepted: Count = 0
    completed: Count = 0


class Poster(_Part):
    """The coordinator's own words on the results page."""

    aims: list[Words] = []
    how: list[Words] = []
    next: list[Words] = []


class ExpectedCourse(_Part):
    """The course as a whole, 0 to 10: the mean with one decimal, and its base."""

    mean: float | None = None
    n: Count | None = None


class Expected(_Part):
    """What the results must say; what is left out is not compared."""

    registrations: dict[RegistrationStatus, Count] = {}
    lectures: dict[LectureAnswer, Annotated[float, Field(ge=0, le=1)]] = {}
    course: ExpectedCourse = ExpectedCourse()


class Story(_Part):
    """One course, from the first registration to the published result.

    Attributes:
        story: its name.
        starts: the platform's clock when it begins.
        registrations: who registers, in this order.
        cancellations: confirmed ones who cancel before the first session, the earliest first.
        attendance: how many attend, one number a session.
        lectures: answers to each session's survey.
        course: answers to the course survey: the grade and how many gave it.
    """

    story: Words
    starts: Moment
    programme: Programme
    registrations: Annotated[list[People], Field(min_length=1)]
    cancellations: list[People] = []
    attendance: list[Count]
    lectures: list[dict[LectureAnswer, Count]] = []
    course: dict[Annotated[int, Field(ge=0, le=10)], Count] = {}
    quotes: list[Quote] = []
    assignments: Assignments = Assignments()
    poster: Poster | None = None
    expected: Expected = Expected()

    def registered(self, role: Role) -> int:
        """How many register in this role."""
        return sum(people.count for people in self.registrations if people.role == role)

    def cancelled(self, role: Role) -> int:
        """How many in this role cancel."""
        return sum(people.count for people in self.cancellations if people.role == role)

    def places(self, role: Role) -> int:
        """How many places this role has."""
        return self.programme.places.get(role, 0)


def contradictions(story: Story) -> Iterator[tuple[FieldPath, str]]:
    """What each field allows but the story as a whole does not."""
    sessions = story.programme.sessions
    before = story.starts
    for index, session in enumerate(sessions):
        if session.at <= before:
            earlier = "the session before it" if index else "`starts`"
            yield ("programme", "sessions", index, "at"), f"must be later than {earlier}"
        before = session.at

    confirmed = 0
    for role in Role:
        had_place = min(story.places(role), story.registered(role))
        if story.cancelled(role) > had_place:
            yield ("cancellations",), f"{story.cancelled(role)} × {role}, but only {had_place} have a place"
        confirmed += min(story.places(role), story.registered(role) - story.cancelled(role))

    if len(story.attendance) != len(sessions):
        yield ("attendance",), f"{len(story.attendance)} numbers for {len(sessions)} sessions"
    for index, attended in enumerate(story.attendance):
        if attended > confirmed:
            yield ("attendance", index), f"{attended} attend, but only {confirmed} have a place"

    if story.lectures and len(story.lectures) != len(sessions):
        yield ("lectures",), f"{len(story.lectures)} rows for {len(sessions)} sessions"
    for index, (row, attended) in enumerate(zip(story.lectures, story.attendance, strict=False)):
        if sum(row.values()) > attended:
            yield ("lectures", index), f"{sum(row.values())} answers, but only {attended} attended"

    answers, invited = sum(story.course.values()), max(story.attendance, default=0)
    if answers > invited:
        yield ("course",), f"{answers} answers, but only {invited} attended at least once"
    if len(story.quotes) > answers:
        yield ("quotes",), f"{len(story.quotes)} quotes, but only {answers} course answers to give them with"

    asked = story.assignments
    if asked.accepted > asked.offered:
        yield ("assignments", "accepted"), f"{asked.accepted} accepted, but only {asked.offered} were offered"
    if asked.completed > asked.accepted:
        yield (
            ("assignments", "completed"),
            f"{asked.completed} completed, but only {asked.accepted} were accepted",
        )
