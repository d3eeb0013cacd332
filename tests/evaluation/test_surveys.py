"""When surveys open, whom they ask, and when they close."""

from datetime import UTC, datetime, timedelta

import pytest

from motesplats_events import SurveyKind
from services.evaluation.domain.instruments import Answer
from services.evaluation.domain.surveys import (
    HeldSession,
    LinkIsSpent,
    PlannedSession,
    Programme,
    Survey,
    all_held,
    everything_is_in,
    hash_of,
    release,
    series_is_in,
    survey_id,
    surveys_due,
)

FIRST = datetime(2025, 1, 28, 16, tzinfo=UTC)
NOW = FIRST + timedelta(hours=3)


def programme(sessions: int = 2) -> Programme:
    planned = tuple(PlannedSession(f"s{n}", FIRST + timedelta(weeks=n), f"Theme {n}") for n in range(sessions))
    return Programme("p", "A course", "A clinic", "Ekby", "The room", planned)


def held(number: int, attended: int = 8) -> HeldSession:
    return HeldSession(f"s{number}", "p", f"Theme {number}", FIRST + timedelta(weeks=number), attended)


def due(
    known: Programme | None, *sessions: HeldSession, opened: set[str] | None = None, now: datetime = NOW
) -> list[Survey]:
    return surveys_due("p", known, sessions, opened or set(), now)


def test_a_held_session_is_asked_about_for_fourteen_days() -> None:
    (survey,) = due(programme(), held(0))
    assert (survey.kind, survey.session_id, survey.audience) == (SurveyKind.SESSION, "s0", ("s0",))
    assert (survey.instrument, survey.instrument_version) == ("lecture-value", 1)
    assert survey.closes_at == NOW + timedelta(days=14)
    assert survey.takes_answers(survey.closes_at - timedelta(seconds=1))
    assert not survey.takes_answers(survey.closes_at)


def test_the_course_is_asked_about_when_its_last_session_has_been_held() -> None:
    kinds = {survey.kind: survey for survey in due(programme(), held(0), held(1))}
    assert kinds[SurveyKind.COURSE].audience == ("s0", "s1")
    assert kinds[SurveyKind.COURSE].instrument == "course-whole"


def test_a_session_is_asked_about_before_its_programme_is_known() -> None:
    assert [survey.session_id for survey in due(None, held(0))] == ["s0"]


def test_a_survey_opens_once_with_the_same_id_at_every_run() -> None:
    first = due(programme(1), held(0))
    assert first == due(programme(1), held(0))
    assert {survey.survey_id for survey in first} == {
        survey_id(SurveyKind.SESSION, "s0"),
        survey_id(SurveyKind.COURSE, "p"),
    }
    assert due(programme(1), held(0), opened={survey.survey_id for survey in first}) == []


def test_nobody_is_asked_about_a_session_that_nobody_attended() -> None:
    surveys = due(programme(), held(0, attended=0), held(1))
    assert {survey.session_id: survey.audience for survey in surveys} == {"s1": ("s1",), None: ("s1",)}
    assert due(programme(), held(0, 0), held(1, 0)) == []


def test_a_survey_stays_open_long_enough_even_where_the_clock_lags_behind() -> None:
    (survey,) = due(programme(), held(0), now=FIRST - timedelta(days=20))
    assert survey.closes_at == FIRST + timedelta(days=14)


def test_answers_close_by_date_or_when_the_last_link_is_used() -> None:
    (survey,) = due(programme(), held(0))
    answers = [Answer("valuable")] * 3

    def after(unused: int | None, now: datetime = NOW) -> Survey | None:
        outcome = release(survey, answers, unused, 5, now)
        return outcome.survey if outcome else None

    assert after(unused=1) is None
    assert after(unused=None) is None
    by_use, by_date = after(unused=0), after(unused=4, now=survey.closes_at)
    assert by_use is not None
    assert by_use == by_date
    assert (by_use.is_open, by_use.released, by_use.version) == (False, 3, 2)
    assert release(by_use, [], 0, 5, NOW) is None


def test_an_open_survey_releases_some_and_keeps_as_many_as_the_threshold() -> None:
    (survey,) = due(programme(), held(0))
    outcome = release(survey, [Answer("valuable")] * 11, 7, 5, NOW)
    assert outcome is not None
    assert (len(outcome.answers), len(outcome.staying)) == (6, 5)
    assert (outcome.survey.is_open, outcome.survey.released, outcome.survey.version) == (True, 6, 2)


def test_everything_is_in_when_all_sessions_are_held_and_all_surveys_have_closed() -> None:
    known, sessions = programme(), [held(0), held(1)]
    surveys = due(known, *sessions)
    closed = [release(survey, [], 0, 5, NOW) for survey in surveys]
    done = [outcome.survey for outcome in closed if outcome]
    course = [survey for survey in surveys if survey.kind is SurveyKind.COURSE]
    lectures_done = [survey for survey in done if survey.kind is SurveyKind.SESSION]
    assert all_held(known, sessions)
    assert not all_held(known, sessions[:1])
    assert not series_is_in(known, sessions, surveys)
    assert series_is_in(known, sessions, lectures_done + course)
    assert not everything_is_in(known, sessions, lectures_done + course)
    assert everything_is_in(known, sessions, done)
    assert not everything_is_in(None, sessions, done)


def test_a_wrong_link_can_be_an_early_one_for_an_hour_and_no_longer() -> None:
    (survey,) = due(programme(), held(0))
    assert survey.may_be_awaiting_links(NOW)
    assert not survey.may_be_awaiting_links(NOW + timedelta(hours=1))


def test_an_endless_token_is_no_link() -> None:
    assert len(hash_of("a" * 43)) == 64
    with pytest.raises(LinkIsSpent):
        hash_of("a" * 201)
