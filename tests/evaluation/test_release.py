"""Answers become visible in crowds or not at all."""

from itertools import pairwise
from random import Random

import pytest

from services.evaluation.domain.figures import course_figure
from services.evaluation.domain.release import to_release

THRESHOLD = 5


def release(pending: list[int], closed: bool = False, seed: int = 0) -> tuple[list[int], list[int]]:
    return to_release(pending, THRESHOLD, closed, Random(seed))


@pytest.mark.parametrize("waiting", range(10))
def test_nothing_is_released_until_enough_can_be_released_and_enough_stay(waiting: int) -> None:
    released, staying = release(list(range(waiting)))
    assert released == []
    assert sorted(staying) == list(range(waiting))


@pytest.mark.parametrize("waiting", range(10, 30))
def test_while_open_as_many_as_the_threshold_stay_behind(waiting: int) -> None:
    released, staying = release(list(range(waiting)))
    assert len(released) == waiting - THRESHOLD
    assert len(staying) == THRESHOLD
    assert sorted(released + staying) == list(range(waiting))


@pytest.mark.parametrize("waiting", range(12))
def test_closing_releases_everything(waiting: int) -> None:
    released, staying = release(list(range(waiting)), closed=True)
    assert sorted(released) == list(range(waiting))
    assert staying == []


def test_every_answer_is_as_likely_to_stay_as_any_other() -> None:
    stayed = [0] * 10
    for seed in range(2000):
        for answer in release(list(range(10)), seed=seed)[1]:
            stayed[answer] += 1
    assert min(stayed) > 900
    assert max(stayed) < 1100


def test_what_is_released_says_nothing_of_the_order_in_which_it_came() -> None:
    first = {release(list(range(8)), closed=True, seed=seed)[0][0] for seed in range(100)}
    assert first == set(range(8))


def test_two_successive_views_never_differ_by_fewer_answers_than_the_threshold() -> None:
    """Whatever arrives between two looks, and whenever the survey closes."""
    for seed in range(500):
        chance = Random(seed)
        pending: list[int] = []
        scores: dict[int, int] = {}
        seen = [0]
        coming = chance.randint(0, 40)
        while coming or pending:
            arriving = min(coming, chance.choice([1, 1, 1, 2, 7]))
            pending += [chance.randint(0, 10) for _ in range(arriving)]
            coming -= arriving
            released, pending = to_release(pending, THRESHOLD, closed=not coming, chance=chance)
            for score in released:
                scores[score] = scores.get(score, 0) + 1
            seen.append(course_figure(scores, THRESHOLD).n or 0)
        steps = {after - before for before, after in pairwise(seen)}
        assert not steps & set(range(1, THRESHOLD)), (seed, seen)
        assert seen[-1] == sum(scores.values()) or sum(scores.values()) < THRESHOLD
