"""A story: one course from the first registration to the published result, written down in YAML.

`read_story` says what is wrong with a file by line and field, all of it at once.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from motesplats_events import RegistrationStatus, Role

LARGEST_FILE = 1_000_000

Count = Annotated[int, Field(ge=0, le=2000, strict=True)]
Words = Annotated[str, Field(min_length=1, max_length=2000, strict=True)]
FieldPath = tuple[str | int, ...]


def _time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("should be a time, such as 2025-01-28T17:00:00+01:00")
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"is no time: {str(error).partition(':')[0].lower()}") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_time)]


class StoryError(Exception):
    """A story that cannot be played.

    Attributes:
        problems: one sentence each, with file, line and field.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Loader(yaml.SafeLoader):
    """Leaves times as they are written, so that an impossible one is an error of its field."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


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


def read_story(path: Path) -> Story:
    """Read a story from a file.

    Raises:
        StoryError: it cannot be read, is not YAML, or cannot be played as it stands.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise StoryError([f"{path}: larger than a story can be (1 MB)"])
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise StoryError([f"{path}: {(error.strerror or str(error)).lower()}"]) from None
    except UnicodeDecodeError:
        raise StoryError([f"{path}: is not UTF-8 text"]) from None
    return parse_story(text, str(path))


def parse_story(text: str, name: str = "story") -> Story:
    """Read a story from YAML text; `name` begins each message.

    Raises:
        StoryError: the text is not YAML, or cannot be played as it stands.
    """
    try:
        data, lines, doubled = _load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise StoryError([f"{where}: not YAML: {error.problem or error.context}"]) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise StoryError([f"{name}: not YAML: {error}"]) from None

    def say(path: FieldPath, message: str) -> str:
        at = path
        while at not in lines and at:
            at = at[:-1]
        return f"{name}:{lines.get(at, 1)}: {_dotted(path)}: {message}"

    if doubled:
        raise StoryError([say(path, "is given twice") for path in doubled])
    if not isinstance(data, dict):
        raise StoryError([f"{name}: a story is a mapping of fields, beginning with `story:`"])
    try:
        story = Story.model_validate(data)
    except ValidationError as error:
        raise StoryError([say(_path(e["loc"]), _message(dict(e))) for e in error.errors()]) from None
    problems = [say(path, message) for path, message in _contradictions(story)]
    if problems:
        raise StoryError(problems)
    return story


def _load(text: str) -> tuple[Any, dict[FieldPath, int], list[FieldPath]]:
    """The data, the line of each field, and fields that are given twice."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None, {}, []
        lines: dict[FieldPath, int] = {}
        doubled: list[FieldPath] = []

        def walk(node: yaml.Node, path: FieldPath) -> None:
            lines.setdefault(path, node.start_mark.line + 1)
            if isinstance(node, yaml.MappingNode):
                seen = set()
                for key_node, value_node in node.value:
                    key = loader.construct_object(key_node, deep=True)
                    if not isinstance(key, str | int):
                        raise ValueError(f"line {key_node.start_mark.line + 1}: a field's name is text")
                    if key in seen:
                        doubled.append((*path, key))
                    seen.add(key)
                    lines[(*path, key)] = key_node.start_mark.line + 1
                    walk(value_node, (*path, key))
            elif isinstance(node, yaml.SequenceNode):
                for index, child in enumerate(node.value):
                    walk(child, (*path, index))

        walk(root, ())
        return loader.construct_document(root), lines, doubled
    finally:
        loader.dispose()


def _path(location: tuple[str | int, ...]) -> FieldPath:
    return tuple(part for part in location if part != "[key]")


def _dotted(path: FieldPath) -> str:
    dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return dotted.removeprefix(".") or "story"


def _message(error: dict[str, Any]) -> str:
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field of a story"
        case "timezone_aware":
            return "needs a time zone, such as 2025-01-28T17:00:00+01:00"
    message = str(error["msg"]).removeprefix("Input ").removeprefix("Value error, ")
    given = error.get("input")
    return f"{message} (it is {given!r})" if isinstance(given, str | int | float | bool) else message


def _contradictions(story: Story) -> Iterator[tuple[FieldPath, str]]:
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
