"""Nothing under the threshold is shown, and none can be worked out: from the others, or from two dates."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.domain.measures.periods import NoSuchPeriod, Period, a_year_before, period
from services.evaluation.domain.measures.small_numbers import in_year, kept_back, together

TODAY = date(2024, 5, 20)
rows = st.dictionaries(st.sampled_from([f"Place {n}" for n in range(9)]), st.integers(0, 40), max_size=9)
thresholds = st.integers(2, 12)


def test_small_rows_are_shown_as_one_number() -> None:
    shown = together({"Ekby": 12, "Tallby": 3, "Granby": 4, "Alby": 0}, 5)
    assert shown.rows == {"Ekby": 12, "Tallby": None, "Granby": None, "Alby": None}
    assert shown.others == 7


def test_a_single_small_row_takes_the_next_one_along() -> None:
    shown = together({"Ekby": 12, "Tallby": 3, "Granby": 9}, 5)
    assert shown.rows == {"Ekby": 12, "Tallby": None, "Granby": None}
    assert shown.others == 12


def test_a_small_row_among_none_is_shown_nowhere() -> None:
    assert together({"Ekby": 3, "Tallby": 0}, 5) == together({"Ekby": 0, "Tallby": 0}, 5)


@given(rows, thresholds)
def test_what_can_be_worked_out_from_a_total_is_a_crowd(numbers: dict[str, int], threshold: int) -> None:
    shown = together(numbers, threshold)
    assert all(n is None or (n >= threshold and n == numbers[name]) for name, n in shown.rows.items())
    hidden = [numbers[name] for name, n in shown.rows.items() if n is None and numbers[name]]
    # Whoever knows the total knows this sum; it is of nobody, of a crowd in several rows, or of all there are.
    assert not hidden or (sum(hidden) >= threshold and len(hidden) > 1) or all(n is None for n in shown.rows.values())
    if shown.others is not None:
        assert shown.others == sum(hidden) >= threshold


@given(st.lists(st.integers(0, 60), max_size=15), thresholds)
def test_what_is_shown_moves_by_a_crowd_or_not_at_all_and_stays_near(path: list[int], threshold: int) -> None:
    shown = [kept_back(path[:end], threshold) for end in range(len(path) + 1)]
    for number, (before, after) in zip(path, pairwise(shown), strict=True):
        assert before == after or abs(after - before) >= threshold
        assert abs(after - number) < threshold


def test_a_year_that_is_over_is_exact_and_the_running_one_moves_in_crowds() -> None:
    began = [date(2023, 2, 1)] * 6 + [date(2024, 1, 10)] * 4 + [date(2024, 3, 10)] * 2 + [date(2024, 5, 10)] * 9

    def people(_: str, since: date, until: date) -> int:
        return sum(1 for day in began if since <= day <= until)

    def shown(year: int, until: date, so_far: bool = False) -> int:
        return in_year(["all"], year, Period(date(2023, 6, 1), until, so_far), 5, people)["all"]

    assert shown(2023, TODAY) == 6
    assert [shown(2024, date(2024, month, 15)) for month in (2, 3, 4, 5, 6)] == [0, 0, 6, 6, 15]
    assert shown(2024, date(2024, 12, 31)) == 21 - 6


# Periods


def test_without_a_date_a_report_is_of_the_year_up_to_today() -> None:
    assert period(None, None, None, TODAY) == Period(date(2023, 5, 21), TODAY)
    assert period(None, None, date(2023, 12, 31), TODAY) == Period(date(2023, 1, 1), date(2023, 12, 31))
    assert period(date(2024, 1, 1), date(2024, 12, 31), None, TODAY) == Period(date(2024, 1, 1), TODAY, so_far=True)


@pytest.mark.parametrize(
    ("since", "until", "at", "field"),
    [
        (date(2024, 3, 1), date(2024, 2, 1), None, "to"),
        (date(2024, 5, 1), date(2024, 5, 15), None, "from"),
        (date(2024, 5, 21), None, None, "to"),
        (date(2025, 1, 1), date(2025, 12, 31), None, "from"),
        (None, None, date(2026, 1, 1), "at"),
        (None, date(2024, 1, 1), date(2024, 1, 1), "at"),
        (date(1899, 1, 1), date(1950, 1, 1), None, "from"),
        (None, None, date(1, 1, 1), "at"),
    ],
)
def test_days_that_make_no_period_are_refused_with_the_field(
    since: date | None, until: date | None, at: date | None, field: str
) -> None:
    with pytest.raises(NoSuchPeriod) as refused:
        period(since, until, at, TODAY)
    assert refused.value.field == field


@given(st.none() | st.dates(), st.none() | st.dates(), st.none() | st.dates())
def test_every_period_has_four_weeks_and_no_day_to_come(
    since: date | None, until: date | None, at: date | None
) -> None:
    try:
        found = period(since, until, at, TODAY)
    except NoSuchPeriod:
        return
    assert found.until <= TODAY
    assert found.until - found.since >= timedelta(days=27)
    assert found.year_before.since < found.since
    months = found.months
    assert (months[0].since, months[-1].until) == (found.since, found.until)


def test_the_day_a_year_before_a_leap_day() -> None:
    assert a_year_before(date(2024, 2, 29)) == date(2023, 2, 28)
