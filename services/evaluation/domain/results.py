"""From what was gathered to what somebody may see of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from motesplats_events import SurveyKind
from services.evaluation.domain.figures import (
    DEFINITIONS_VERSION,
    Figure,
    LectureFigures,
    SessionAnswers,
    course_figure,
    lecture_figures,
)
from services.evaluation.domain.posters import (
    Comment,
    Facts,
    Poster,
    StillAnswering,
    Texts,
    published_quotes,
    quotable,
    readable,
)
from services.evaluation.domain.surveys import HeldSession, Programme, Survey, everything_is_in, series_is_in


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is known of a programme's results, before anything is suppressed.

    Attributes:
        held: sessions that have taken place, the earliest first.
        lectures: released answers to the sessions' surveys.
        scores: released answers to the course survey: how many gave each number.
        participants: different people who came at least once.
        invited: how many links each survey was given.
        assignments: completed ones.
    """

    programme: Programme
    held: Sequence[HeldSession]
    surveys: Sequence[Survey]
    lectures: Sequence[SessionAnswers]
    scores: Mapping[int, int]
    comments: Sequence[Comment]
    participants: int
    invited: Mapping[str, int]
    assignments: int

    @property
    def series_is_in(self) -> bool:
        """Whether all answers about lectures that can come have come."""
        return series_is_in(self.programme, self.held, self.surveys)

    @property
    def everything_is_in(self) -> bool:
        """Whether all answers that can come have come."""
        return everything_is_in(self.programme, self.held, self.surveys)

    @property
    def open_surveys(self) -> list[Survey]:
        """Surveys that still take answers."""
        return [survey for survey in self.surveys if survey.is_open]

    def invited_to(self, kind: SurveyKind) -> int:
        """How many links were given to surveys of this kind."""
        return sum(self.invited.get(survey.survey_id, 0) for survey in self.surveys if survey.kind is kind)


@dataclass(frozen=True, slots=True)
class StaffResults:
    """A programme's results as staff may see them.

    Attributes:
        quotes: comments to approve or reject.
        notes: comments for staff's eyes only.
    """

    evidence: Evidence
    lectures: LectureFigures
    course: Figure
    quotes: Sequence[Comment]
    notes: Sequence[Comment]


def for_staff(evidence: Evidence, staff_threshold: int, public_threshold: int) -> StaffResults:
    """What staff may see."""
    quotes = quotable(evidence.comments, public_threshold)
    return StaffResults(
        evidence=evidence,
        lectures=lecture_figures(evidence.lectures, complete=evidence.series_is_in, threshold=staff_threshold),
        course=course_figure(evidence.scores, staff_threshold),
        quotes=quotes,
        notes=[comment for comment in readable(evidence.comments, staff_threshold) if comment not in quotes],
    )


def for_everybody(evidence: Evidence, texts: Texts, public_threshold: int, zone: tzinfo) -> Poster:
    """What everybody may see.

    Args:
        zone: in which a session's day is told.

    Raises:
        StillAnswering: answers can still come.
    """
    if not evidence.everything_is_in:
        raise StillAnswering
    programme = evidence.programme
    lectures = lecture_figures(evidence.lectures, complete=True, threshold=public_threshold)
    return Poster(
        programme_id=programme.programme_id,
        title=programme.title,
        organiser=programme.organiser,
        municipality=programme.municipality,
        place=programme.place,
        texts=texts,
        facts=facts(evidence, public_threshold, zone),
        lectures=lectures.pooled,
        course=course_figure(evidence.scores, public_threshold),
        quotes=published_quotes(evidence.comments, public_threshold),
        definitions_version=DEFINITIONS_VERSION,
    )


def facts(evidence: Evidence, threshold: int, zone: tzinfo) -> Facts:
    """How it went, in numbers; those of people only where the threshold allows it."""

    def enough(people: int) -> int | None:
        return people if people >= threshold else None

    days = [session.starts_at.astimezone(zone).date() for session in evidence.held]
    return Facts(
        sessions=len(days),
        themes=tuple(session.theme for session in evidence.held),
        first=min(days, default=None),
        last=max(days, default=None),
        participants=enough(evidence.participants),
        invited=enough(evidence.invited_to(SurveyKind.COURSE)),
        assignments=evidence.assignments,
    )
