"""The measures, what is suppressed, and that nothing can be worked out from what is shown."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest

from services.evaluation.domain.figures import (
    Figure,
    LectureFigures,
    SessionAnswers,
    course_figure,
    lecture_figures,
    rounded,
    share_figure,
)
from services.evaluation.domain.release import to_release

STAFF, PUBLIC = 5, 10
JANUARY = datetime(2025, 1, 28, 17, tzinfo=UTC)


def session(number: int, very: int, valuable: int = 0) -> SessionAnswers:
    counts = {"very_valuable": very, "valuable": valuable}
    return SessionAnswers(f"session-{number}", JANUARY + timedelta(weeks=number), counts)


def pooled(*sessions: SessionAnswers, complete: bool = True, threshold: int = STAFF) -> Figure:
    return lecture_figures(sessions, complete=complete, threshold=threshold).pooled


def shares(figure: Figure) -> dict[str, float | None]:
    return {row.option: row.share for row in figure.distribution}


def test_lecture_shares_are_of_all_answers_over_all_sessions() -> None:
    figure = pooled(session(1, 14, 6), session(2, 14, 6), session(3, 13, 6))
    assert figure.n == 59
    assert shares(figure) == {"very_valuable": 0.69, "valuable": 0.31, "less_valuable": 0.0, "not_valuable": 0.0}


def test_the_mean_has_one_decimal_its_n_and_its_distribution() -> None:
    figure = course_figure({10: 13, 9: 6, 8: 1}, PUBLIC)
    assert (figure.mean, figure.n) == (9.6, 20)
    counts = {row.option: row.count for row in figure.distribution}
    assert counts == {**dict.fromkeys(map(str, range(8)), 0), "8": 1, "9": 6, "10": 13}


@pytest.mark.parametrize(
    ("exact", "decimals", "expected"),
    [
        (Fraction(1, 8), 2, 0.13),
        (Fraction(37, 4), 1, 9.3),
        (Fraction(1, 3), 2, 0.33),
        (Fraction(5, 1000), 2, 0.01),
        (Fraction(1), 2, 1.0),
    ],
)
def test_halves_are_rounded_up_from_the_exact_value(exact: Fraction, decimals: int, expected: float) -> None:
    assert rounded(exact, decimals) == expected


@pytest.mark.parametrize("answers", range(PUBLIC))
def test_too_few_answers_look_the_same_as_none(answers: int) -> None:
    few, none = course_figure({7: answers}, PUBLIC), course_figure({}, PUBLIC)
    assert few == none
    assert not few.is_shown
    assert few.mean is None
    assert {(row.count, row.share) for row in few.distribution} == {(None, None)}
    assert pooled(session(1, answers), threshold=PUBLIC) == pooled(session(1, 0), threshold=PUBLIC) == pooled()


def test_a_threshold_counts_people_and_not_evenings() -> None:
    """Eight people on six evenings give 48 answers, and are still eight people."""
    evenings = [session(number, 8) for number in range(6)]
    assert not pooled(*evenings, threshold=PUBLIC).is_shown
    assert pooled(*evenings, threshold=STAFF).n == 48


def test_each_lecture_has_a_figure_when_all_have_enough_answers() -> None:
    figures = lecture_figures([session(1, 5), session(2, 3, 9)], complete=True, threshold=STAFF)
    assert figures.by_session == {
        "session-1": share_figure({"very_valuable": 5}),
        "session-2": share_figure({"very_valuable": 3, "valuable": 9}),
    }


def test_a_small_evening_cannot_be_worked_out_by_subtraction() -> None:
    figures = lecture_figures([session(1, 20), session(2, 3), session(3, 20)], complete=True, threshold=STAFF)
    assert figures.pooled.n == 43
    assert {id for id, figure in figures.by_session.items() if figure.is_shown} == {"session-1"}


def test_the_latest_lecture_waits_for_the_next_while_the_course_goes_on() -> None:
    first = lecture_figures([session(1, 20)], complete=False, threshold=STAFF)
    assert not first.pooled.is_shown
    second = lecture_figures([session(1, 20), session(2, 18)], complete=False, threshold=STAFF)
    assert second.pooled.n == 20
    assert not second.by_session["session-2"].is_shown


def cells(figures: LectureFigures) -> dict[str, int]:
    """What a viewer has, or can work out: each shown session, the pool, and the pool without the sessions shown."""
    shown = {id: figure.n or 0 for id, figure in figures.by_session.items()}
    pool = figures.pooled.n or 0
    return {**shown, "pool": pool, "rest": pool - sum(shown.values()) if pool else 0}


def test_no_view_and_no_two_successive_views_of_lectures_give_a_small_group_away() -> None:
    for seed in range(400):
        chance = Random(seed)
        evenings = range(chance.randint(1, 5))
        coming = {number: chance.choice([0, 1, 3, 4, 5, 6, 9, 10, 12, 20]) for number in evenings}
        pending: dict[int, list[str]] = {number: [] for number in evenings}
        released: dict[int, int] = dict.fromkeys(evenings, 0)
        opened = 0
        before: dict[str, int] = {}
        while True:
            done = opened == len(evenings) and not any(coming.values()) and not any(pending.values())
            if opened < len(evenings) and chance.random() < 0.3:
                opened += 1
            for number in range(opened):
                arriving = min(coming[number], chance.randint(0, 3))
                pending[number] += ["very_valuable"] * arriving
                coming[number] -= arriving
                now, pending[number] = to_release(pending[number], STAFF, not coming[number], chance)
                released[number] += len(now)
            sessions = [session(number, released[number]) for number in range(opened)]
            after = cells(lecture_figures(sessions, complete=done, threshold=STAFF))
            assert not set(after.values()) & set(range(1, STAFF)), (seed, after)
            for cell in ("pool", *(s.session_id for s in sessions)):
                assert not 0 < after[cell] - before.get(cell, 0) < STAFF, (seed, cell, before, after)
            if done:
                break
            before = after
