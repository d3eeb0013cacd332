"""Reading stories: what is wrong is said by line and field."""

from pathlib import Path

import pytest

from motesplats_events import Role
from services.cli.play import Story, StoryError, parse_story, read_story
from services.cli.play.people import invent
from services.cli.play.reading import LARGEST_FILE
from services.cli.play.story import LectureAnswer

DEMO = Path(__file__).parents[2] / "deploy" / "demo" / "motesplats-cancer-2025.yaml"
TEXT = DEMO.read_text(encoding="utf-8")


def problems(text: str) -> list[str]:
    with pytest.raises(StoryError) as found:
        parse_story(text, "file.yaml")
    return found.value.problems


def changed(old: str, new: str) -> list[str]:
    assert old in TEXT
    return problems(TEXT.replace(old, new, 1))


def test_the_demo_adds_up_to_the_published_figures() -> None:
    story = read_story(DEMO)
    answers = [sum(row[option] for row in story.lectures) for option in LectureAnswer]
    assert [round(number / sum(answers), 2) for number in answers] == [0.70, 0.30, 0, 0]
    grades = [grade for grade, number in story.course.items() for _ in range(number)]
    assert round(sum(grades) / len(grades), 1) == 9.6
    assert (story.registered(Role.PATIENT), story.places(Role.PATIENT)) == (14, 12)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("starts: 2025-01-07T09:00:00+01:00", "starts: 2025-01-07T09:00:00", ":4: starts: needs a time zone"),
        ("starts: 2025-01-07T09:00:00+01:00", "starts: 2025-13-07", ":4: starts: "),
        ("starts: 2025-01-07T09:00:00+01:00", "starts: 20250107", ":4: starts: should be a time, such as"),
        (
            "2025-02-04T17:00:00+01:00",
            "2025-02-30T17:00:00+01:00",
            ":13: programme.sessions[1].at: is no time: day is out",
        ),
        ("{patient: 12, relative: 8}", "{patient: -1}", ":10: programme.places.patient: should be greater"),
        (
            "{patient: 12, relative: 8}",
            "{doctor: 1}",
            ":10: programme.places.doctor: should be 'patient', 'relative' or",
        ),
        ("minutes: 120", "minutes: 0", ":12: programme.sessions[0].minutes: should be greater"),
        ("{role: patient, count: 14}", "{role: patient}", ":18: registrations[0].count: is missing"),
        ("{role: patient, count: 14}", "{role: patient, count: 1.5}", ":18: registrations[0].count:"),
        ("course: {10: 13,", "course: {11: 13,", "course[11]: should be less than or equal to 10"),
        ("attendance: [20,", "attendance: [", ":20: attendance: 5 numbers for 6 sessions"),
        ("attendance: [20,", "attendance: [21,", ":20: attendance[0]: 21 attend, but only 20 have a place"),
        ("valuable: 6,", "valuable: 60,", ":22: lectures[0]: 74 answers, but only 20 attended"),
        ("course: {10: 13,", "course: {10: 14,", ":28: course: 21 answers, but only 20 attended at least once"),
        ("2025-02-04", "2025-01-21", ":13: programme.sessions[1].at: must be later than the session before it"),
        ("2025-01-28", "2025-01-01", ":12: programme.sessions[0].at: must be later than `starts`"),
        ("cancellations: [{role: patient, count: 1}]", "cancellations: [{role: patient, count: 13}]", "only 12 have"),
        ("accepted: 2", "accepted: 4", ":33: assignments.accepted: 4 accepted, but only 3 were offered"),
        ("completed: 1", "completed: 3", ":33: assignments.completed: 3 completed, but only 2 were accepted"),
        ("consent: publish", "consent: perhaps", ":30: quotes[0].consent: should be 'publish' or 'no'"),
        ("organiser:", "organizer:", "programme.organizer: is not a field of a story"),
        ("story: M", "starts: 2025-01-07\nstory: M", "starts: is given twice"),
        ("expected:", "expected: {course: {mean: ten}}\nx:", "expected.course.mean:"),
    ],
)
def test_a_mistake_is_named_by_line_and_field(old: str, new: str, message: str) -> None:
    found = changed(old, new)
    assert any(message in problem for problem in found), found
    assert all(problem.startswith("file.yaml:") for problem in found)


def test_all_mistakes_are_named_at_once() -> None:
    assert len(problems("story: x\nstarts: soon\nattendance: none")) >= 4


def test_an_unquoted_no_is_the_consent_that_it_looks_like() -> None:
    story = parse_story(TEXT.replace('consent: "no"', "consent: no"))
    assert story.quotes[2].consent == "no"


def test_what_can_be_left_out() -> None:
    lines = TEXT.splitlines()
    kept = lines[: next(i for i, line in enumerate(lines) if line.startswith("lectures:"))]
    story: Story = parse_story("\n".join(kept))
    assert (story.lectures, story.course, story.quotes, story.assignments.offered) == ([], {}, [], 0)


@pytest.mark.parametrize(
    "text", ["", "- a", "text", "a: [", "? [a]\n: b", "a: &a [*a]\nstory: *a", "\x00", "a: !!python/object:os.x"]
)
def test_what_is_no_story_is_refused(text: str) -> None:
    assert problems(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    large, latin = tmp_path / "large.yaml", tmp_path / "latin.yaml"
    large.write_text("x" * (LARGEST_FILE + 1))
    latin.write_bytes("story: Möte".encode("latin-1"))
    for path, words in [
        (tmp_path / "none.yaml", "no such file"),
        (tmp_path, "is a directory"),
        (large, "larger"),
        (latin, "not UTF-8"),
    ]:
        with pytest.raises(StoryError, match=words):
            read_story(path)


def test_invented_people_have_addresses_of_their_own_that_reach_nobody() -> None:
    people = [invent(number, "abc") for number in range(2000)]
    assert len({person.email for person in people}) == 2000
    assert all(person.email.isascii() and person.email.endswith(".abc@example.org") for person in people)
