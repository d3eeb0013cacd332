"""Dates by a rule: across summer time, months of five Mondays, and holidays of two countries."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain.programmes import MOST_SESSIONS
from services.registration.domain.recurrence import BadRule, Country, Repeat, dates_of, rule_of

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


def told(starts: list[datetime]) -> list[str]:
    return [start.astimezone(STOCKHOLM).strftime("%a %d %b %H:%M") for start in starts]


def test_every_second_tuesday_keeps_its_hour_when_summer_time_begins() -> None:
    found = dates_of("FREQ=WEEKLY;INTERVAL=2;COUNT=4", local("2026-03-03T17:00"), STOCKHOLM)
    assert told(list(found.starts)) == ["Tue 03 Mar 17:00", "Tue 17 Mar 17:00", "Tue 31 Mar 17:00", "Tue 14 Apr 17:00"]
    assert [start.hour for start in found.starts] == [16, 16, 15, 15]


def test_the_first_monday_of_each_month_except_holidays() -> None:
    rule = rule_of(Repeat.MONTHLY, date(2026, 3, 2), 4)
    found = dates_of(rule, local("2026-03-02T13:00"), STOCKHOLM, Country.SWEDEN)
    assert rule == "FREQ=MONTHLY;BYDAY=1MO;COUNT=4"
    assert told(list(found.starts)) == ["Mon 02 Mar 13:00", "Mon 04 May 13:00", "Mon 01 Jun 13:00"]
    assert found.left_out == {date(2026, 4, 6): "Easter Monday"}


def test_who_begins_on_a_fifth_monday_means_the_last() -> None:
    rule = rule_of(Repeat.MONTHLY, date(2026, 3, 30), 3)
    assert told(list(dates_of(rule, local("2026-03-30T13:00"), STOCKHOLM).starts)) == [
        "Mon 30 Mar 13:00",
        "Mon 27 Apr 13:00",
        "Mon 25 May 13:00",
    ]


@pytest.mark.parametrize(
    ("country", "day", "name"),
    [
        (Country.SWEDEN, "2026-06-19", "Midsummer Eve"),
        (Country.SWEDEN, "2026-12-24", "Christmas Eve"),
        (Country.DENMARK, "2026-06-05", "Constitution Day"),
        (Country.DENMARK, "2026-12-31", "New Year's Eve"),
    ],
)
def test_eves_and_days_that_are_kept_like_holidays_are_left_out(country: Country, day: str, name: str) -> None:
    found = dates_of("FREQ=DAILY;COUNT=2", local(f"{day}T10:00") - timedelta(days=1), STOCKHOLM, country)
    assert found.left_out == {date.fromisoformat(day): name}


def test_without_a_country_nothing_is_left_out() -> None:
    found = dates_of("FREQ=DAILY;COUNT=2", local("2026-12-24T10:00"), STOCKHOLM)
    assert (len(found.starts), found.left_out) == (2, {})


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("every second Tuesday", "Give a rule"),
        ("FREQ=YEARLY;COUNT=2", "Give a rule"),
        ("FREQ=WEEKLY;COUNT=two", "Give a rule"),
        ("FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "Give a rule"),
        ("FREQ=WEEKLY;COUNT=2\nEXDATE:20260101", "Give a rule"),
        ("FREQ=WEEKLY" + ";" * 300, "Give a rule"),
        ("FREQ=WEEKLY", "Say when it ends"),
        ("FREQ=WEEKLY;UNTIL=20200101", "no dates"),
        ("FREQ=DAILY;COUNT=5000", "at most"),
    ],
)
def test_a_rule_that_gives_no_dates_is_refused_on_its_field(rule: str, words: str) -> None:
    with pytest.raises(BadRule, match=words) as refused:
        dates_of(rule, local("2026-03-03T17:00"), STOCKHOLM)
    assert refused.value.field == "rule"


@given(
    st.sampled_from(Repeat),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001
    st.integers(1, 30),
    st.sampled_from([None, *Country]),
)
def test_every_common_rule_gives_its_dates_in_order_with_those_left_out(
    repeat: Repeat, first: datetime, times: int, country: Country | None
) -> None:
    start = first.replace(tzinfo=STOCKHOLM)
    try:
        found = dates_of(rule_of(repeat, first.date(), times), start, STOCKHOLM, country)
    except BadRule:
        # Each of them a holiday.
        assert country
        return
    days = [moment.astimezone(STOCKHOLM).date() for moment in found.starts]
    assert len(days) + len(found.left_out) == times <= MOST_SESSIONS
    assert days == sorted(set(days)) and not found.left_out.keys() & set(days)
    assert {day.weekday() for day in [*days, *found.left_out]} == {first.weekday()}
    assert all(moment.tzinfo is UTC for moment in found.starts)
