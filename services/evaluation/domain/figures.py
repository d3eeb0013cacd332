"""The measures: shares and means with their n, and what is shown of them.

Percentages are of those who answered. A figure whose base has fewer respondents than the threshold is
suppressed, and looks the same as one that nobody answered. Figures are rounded half up: shares to two
decimals, means to one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from services.evaluation.domain.instruments import COURSE_WHOLE, LECTURE_VALUE, options

DEFINITIONS_VERSION = 1
"""Raised when a measure in this module changes its meaning."""

LECTURES = "lectures"
COURSE = "course"


class Row(BaseModel):
    """One answer of a distribution.

    Attributes:
        option: the answer's code.
        count: how many gave it; None where the figure is suppressed.
        share: of those who answered, 0 to 1; None where the figure is suppressed.
    """

    model_config = ConfigDict(frozen=True)

    option: str
    count: int | None = None
    share: float | None = None


class Figure(BaseModel):
    """One measure as somebody may see it.

    Attributes:
        measure: its code.
        n: answers in the base; None where the figure is suppressed.
        mean: where the measure has one.
        distribution: every possible answer, in the instrument's order.
    """

    model_config = ConfigDict(frozen=True)

    measure: str
    n: int | None = None
    mean: float | None = None
    distribution: tuple[Row, ...]

    @property
    def is_shown(self) -> bool:
        """False where there are too few answers, or none."""
        return self.n is not None


@dataclass(frozen=True, slots=True)
class SessionAnswers:
    """The released answers to one session's survey.

    Attributes:
        opened_at: when the survey opened; it orders sessions and never changes.
        counts: by option; options that nobody chose may be left out.
    """

    session_id: str
    opened_at: datetime
    counts: Mapping[str, int]

    @property
    def n(self) -> int:
        """How many answers there are."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class LectureFigures:
    """What the lectures were worth to those who heard them.

    Attributes:
        pooled: over the sessions; without an interval, since the same people answer on several evenings.
        by_session: one figure for each session that has a survey.
    """

    pooled: Figure
    by_session: Mapping[str, Figure]


def lecture_figures(sessions: Sequence[SessionAnswers], *, complete: bool, threshold: int) -> LectureFigures:
    """Each lecture's figure, and all of them pooled.

    Pooled answers minus those of the sessions shown are the answers of the sessions not shown. So that nobody
    can subtract their way to a small group, the latest session with enough answers is kept back until the
    series is complete, and for good if another session has too few. Until then the pool is of the sessions
    shown.

    The people in the pool's base are at least as many as answered on one evening; that is what the threshold
    counts.

    Args:
        complete: every session has been held and no session's survey is open.
    """
    enough = sorted((s for s in sessions if s.n >= threshold), key=lambda s: (s.opened_at, s.session_id))
    shown = enough if complete and len(enough) == len(sessions) else enough[:-1]
    base = (sessions if enough else []) if complete else shown
    pool: dict[str, int] = {}
    for session in base:
        for option, count in session.counts.items():
            pool[option] = pool.get(option, 0) + count
    visible = {session.session_id for session in shown}
    return LectureFigures(
        pooled=share_figure(pool) if base else suppressed_lectures(),
        by_session={
            s.session_id: share_figure(s.counts) if s.session_id in visible else suppressed_lectures() for s in sessions
        },
    )


def share_figure(counts: Mapping[str, int]) -> Figure:
    """The share of each answer to "how valuable"."""
    return Figure(measure=LECTURES, n=sum(counts.values()), distribution=_rows(options(LECTURE_VALUE.question), counts))


def course_figure(scores: Mapping[int, int], threshold: int) -> Figure:
    """The course as a whole: mean, n and distribution, one answer per person.

    Args:
        scores: how many gave each number.
    """
    possible = options(COURSE_WHOLE.question)
    n = sum(scores.values())
    if n < threshold:
        return Figure(measure=COURSE, distribution=tuple(Row(option=option) for option in possible))
    mean = Fraction(sum(score * count for score, count in scores.items()), n)
    counts = {str(score): count for score, count in scores.items()}
    return Figure(measure=COURSE, n=n, mean=rounded(mean, 1), distribution=_rows(possible, counts))


def suppressed_lectures() -> Figure:
    """What is shown where too few answered, or nobody."""
    return Figure(
        measure=LECTURES, distribution=tuple(Row(option=option) for option in options(LECTURE_VALUE.question))
    )


def rounded(value: Fraction, decimals: int) -> float:
    """Round half up, from the exact value."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return float(exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def _rows(possible: Sequence[str], counts: Mapping[str, int]) -> tuple[Row, ...]:
    n = sum(counts.values())
    return tuple(
        Row(option=option, count=counts.get(option, 0), share=rounded(Fraction(counts.get(option, 0), n), 2))
        for option in possible
    )
