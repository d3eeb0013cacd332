"""What came of a story, and where that is not what the story expects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.cli.play.story import Story


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that is not what the story expects."""

    figure: str
    expected: object
    got: object


@dataclass(slots=True)
class Result:
    """What came of a story.

    Attributes:
        registrations: by status, counted just before the first session.
        lectures: share of each answer, two decimals; None where staff see "too few".
        course: mean with one decimal, and n.
        quotes: those published.
        assignments: offered, accepted, completed.
        sent: messages by kind.
        events: published, by topic.
        differences: where this is not what the story expects.
    """

    story: str
    programme_id: str = ""
    registrations: dict[str, int] = field(default_factory=dict)
    lectures: dict[str, float | None] = field(default_factory=dict)
    course: dict[str, float | int | None] = field(default_factory=dict)
    quotes: list[str] = field(default_factory=list)
    assignments: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    def compare(self, story: Story) -> None:
        """Fill in `differences`; what the story does not expect is not compared."""
        expected = story.expected
        self.differences = [
            *_differences("registrations", expected.registrations, self.registrations),
            *_differences("lectures", expected.lectures, self.lectures),
            *_differences("course", expected.course.model_dump(exclude_none=True), self.course),
        ]


def rounded(value: float | None, decimals: int) -> float | None:
    """Rounded as people do it: 0.125 becomes 0.13."""
    # The small addend undoes what binary fractions lose.
    return None if value is None else int(value * 10**decimals + 0.5 + 1e-9) / 10**decimals


def _differences(name: str, expected: Mapping[Any, object], got: Mapping[str, object]) -> list[Difference]:
    return [
        Difference(f"{name}.{key!s}", value, got.get(str(key)))
        for key, value in expected.items()
        if got.get(str(key)) != value
    ]
