"""The rules of shifts, standing patterns and sharing out, without a store."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.assignments import Assignment, Terms
from services.volunteers.domain.contacts import Unit
from services.volunteers.domain.patterns import Pattern, Weekday, continued, ended
from services.volunteers.domain.programmes import Session
from services.volunteers.domain.sharing import shared_out
from services.volunteers.domain.shifts import (
    AlreadyTaken,
    Candidate,
    Rota,
    Shift,
    ShiftIsOver,
    answer_shift_by,
    asked_again,
    check_free,
    check_takes_place,
    check_to_come,
    in_turn,
    too_late,
)
from services.volunteers.domain.tasks import Span

NOW = datetime(2025, 1, 7, 8, tzinfo=UTC)
AT = datetime(2025, 1, 28, 16, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")
OFFERED, ACCEPTED = AssignmentStatus.OFFERED, AssignmentStatus.ACCEPTED
DECLINED, RELEASED = AssignmentStatus.DECLINED, AssignmentStatus.RELEASED


def shift(needed: int = 1, at: datetime = AT, session_id: str = "s") -> Shift:
    return Shift(session_id, "p", "The house", "o", "Tranås", "The room", at, at + timedelta(hours=3), needed)


def of(volunteer: str, status: AssignmentStatus, terms: Terms = Terms.KEPT, at: Shift | None = None) -> Assignment:
    return Assignment(str(uuid4()), volunteer, (at or shift()).task, NOW + timedelta(days=2), status, NOW, terms=terms)


def test_a_shift_is_thin_as_long_as_it_is_to_come_and_lacks_hosts() -> None:
    rota = Rota(shift(2), [of("a", ACCEPTED), of("b", OFFERED), of("c", DECLINED)])
    assert (rota.missing, rota.thin(NOW), rota.thin(AT)) == (1, True, False)
    assert Rota(shift(2), [of("a", ACCEPTED), of("b", AssignmentStatus.COMPLETED)]).missing == 0
    assert Rota(shift(1), [of("a", ACCEPTED), of("b", ACCEPTED)]).missing == 0, "more than needed is fine"


def test_a_place_somebody_alone_was_asked_for_is_kept_until_they_have_answered() -> None:
    kept, several = of("a", OFFERED), of("b", OFFERED, Terms.FIRST_COME)
    assert Rota(shift(1), [kept, several]).free(NOW) == 0
    assert Rota(shift(1), [kept, several]).free(NOW + timedelta(days=3)) == 1, "they have not answered in time"
    assert Rota(shift(1), [several, of("c", OFFERED, Terms.SWAP)]).free(NOW) == 1
    with pytest.raises(AlreadyTaken):
        check_free(Rota(shift(1), [kept]), NOW)


def test_when_no_place_is_free_the_offers_of_the_others_end() -> None:
    first, kept = of("b", OFFERED, Terms.FIRST_COME), of("c", OFFERED)
    assert too_late(Rota(shift(1), [first]), NOW) == []
    ended_offers = too_late(Rota(shift(1), [of("a", ACCEPTED), first, kept]), NOW)
    assert [(one.volunteer_id, one.status, one.called_off) for one in ended_offers] == [("b", "expired", True)]


def test_who_was_told_that_others_were_first_may_be_asked_again_and_who_said_no_may_not() -> None:
    told = replace(of("a", AssignmentStatus.EXPIRED), called_off=True)
    rota = Rota(shift(), [told, of("b", DECLINED), of("c", RELEASED), of("d", AssignmentStatus.EXPIRED)])
    assert rota.not_again == {"b", "c", "d"}


def test_nobody_is_asked_for_a_shift_that_has_begun_or_put_on_one_that_will_not_take_place() -> None:
    check_takes_place(shift())
    for moment, words in ((AT, "has begun"), (AT + timedelta(hours=3), "is over")):
        with pytest.raises(ShiftIsOver, match=words):
            check_to_come(shift(), moment)
    check_takes_place(shift(0))
    cancelled = replace(shift(0), cancelled=True)
    for moment in (NOW, AT):
        with pytest.raises(ShiftIsOver, match="not take place"):
            check_to_come(cancelled, moment)
    with pytest.raises(ShiftIsOver, match="not take place"):
        check_takes_place(cancelled)


def test_an_answer_takes_at_most_three_days_and_half_the_time_that_is_left() -> None:
    assert answer_shift_by(shift(), NOW) == NOW + timedelta(days=3)
    assert answer_shift_by(shift(), AT - timedelta(hours=4)) == AT - timedelta(hours=2)
    assert answer_shift_by(shift(), AT + timedelta(hours=1)) == AT + timedelta(hours=1)


def test_who_is_asked_again_after_a_move_keeps_the_place_if_it_was_theirs() -> None:
    moved = replace(shift().task, times=[Span(AT + timedelta(days=2), AT + timedelta(days=2, hours=3))])
    for before, terms in (
        (of("a", ACCEPTED, Terms.FIRST_COME), Terms.KEPT),
        (of("a", OFFERED, Terms.FIRST_COME), Terms.FIRST_COME),
        (of("a", OFFERED), Terms.KEPT),
    ):
        again = asked_again(before, moved, NOW + timedelta(days=7), NOW)
        assert (again.status, again.terms, again.version) == (OFFERED, terms, 1)
        assert again == asked_again(before, moved, NOW + timedelta(days=7), NOW), "the same however often it is made"
        assert again.assignment_id != before.assignment_id


def test_hosts_are_asked_in_turn_those_who_know_the_house_and_do_least_first() -> None:
    def one(name: str, shifts: int, days: int | None, here: bool = True) -> Candidate:
        return Candidate(name, name, shifts, None if days is None else timedelta(days=days), here, False)

    asked = in_turn([one("e", 0, None, here=False), one("d", 3, 7), one("c", 1, 7), one("b", 1, 14), one("a", 0, None)])
    assert [candidate.volunteer_id for candidate in asked] == ["a", "b", "c", "d", "e"]


def pattern(every: int = 2, weekday: Weekday | None = None) -> Pattern:
    return Pattern(str(uuid4()), "p", "o", "Tranås", "a", every, weekday, date(2025, 1, 1))


def meetings(days: Sequence[int], cancelled: Sequence[int] = ()) -> list[Session]:
    start = datetime(2025, 1, 6, 17, tzinfo=ZONE).astimezone(UTC)
    return [Session(f"{day}", start + timedelta(days=day), 180, "Open", day in cancelled) for day in days]


def ids(sessions: Sequence[Session]) -> list[str]:
    return [session.session_id for session in sessions]


def test_a_weekday_is_the_one_where_the_platform_is() -> None:
    late = Session("late", datetime(2025, 1, 6, 23, 30, tzinfo=UTC), 60, "Open")
    assert ids(continued(pattern(1, Weekday.TUESDAY), [late], ZONE)[1]) == ["late"]


@given(st.integers(1, 12), st.lists(st.integers(0, 400), unique=True, max_size=60), st.data())
def test_a_pattern_gives_the_same_however_the_season_is_planned(
    every: int, days: list[int], data: st.DataObject
) -> None:
    """Planned at once or bit by bit: every n-th session that fits, from the first."""
    sessions = meetings(sorted(days))
    whole = ids(continued(pattern(every), sessions, ZONE)[1])
    assert whole == ids(sessions[::every])
    cut = data.draw(st.integers(0, len(sessions)))
    first, one = continued(pattern(every), sessions[:cut], ZONE)
    _, two = continued(first, sessions[cut:], ZONE)
    assert ids(one) + ids(two) == whole


@given(st.integers(2, 5), st.lists(st.integers(0, 400), unique=True, min_size=1, max_size=60), st.data())
def test_hosts_who_share_a_house_never_meet_however_much_is_cancelled(
    every: int, days: list[int], data: st.DataObject
) -> None:
    days = sorted(days)
    cancelled = data.draw(st.lists(st.sampled_from(days)))
    sessions = meetings(days, cancelled)
    taken: Counter[str] = Counter()
    for n in range(min(every, len(days))):
        theirs = replace(pattern(every), first_on=sessions[n].starts_at.astimezone(ZONE).date())
        taken.update(ids(continued(theirs, sessions, ZONE)[1]))
    held = {session.session_id for session in sessions if not session.cancelled}
    assert set(taken.values()) <= {1}
    if len(days) >= every:
        assert set(taken) == held, "every session that is held has its host"


def test_an_ended_pattern_gives_nothing_later_and_is_not_lengthened() -> None:
    short = ended(pattern(1), date(2025, 1, 20))
    assert ids(continued(short, meetings([0, 7, 14, 21]), ZONE)[1]) == ["0", "7", "14"]
    assert ended(short, date(2025, 2, 1)) is short


hosts = st.integers(1, 12)
seasons = st.lists(st.integers(0, 4), min_size=1, max_size=40)


@given(hosts, seasons)
def test_shares_differ_by_one_at_most_and_nobody_is_on_a_shift_twice(number: int, free: list[int]) -> None:
    names = [f"h{n}" for n in range(number)]
    rotas = [Rota(shift(9, AT + timedelta(weeks=n), f"s{n}"), []) for n in range(len(free))]
    given_out = shared_out(rotas, names, free, lambda host, shift: True)
    assert len({(shift.session_id, host) for shift, host in given_out}) == len(given_out)
    per_shift = Counter(shift.session_id for shift, _ in given_out)
    assert [per_shift[f"s{n}"] for n in range(len(free))] == [min(one, number) for one in free]
    shares = Counter(dict.fromkeys(names, 0))
    shares.update(host for _, host in given_out)
    assert max(shares.values()) - min(shares.values()) <= 1


@given(hosts, seasons, st.data())
def test_no_place_is_left_that_somebody_could_take(number: int, free: list[int], data: st.DataObject) -> None:
    names = [f"h{n}" for n in range(number)]
    rotas = [Rota(shift(9, AT + timedelta(weeks=n), f"s{n}"), []) for n in range(len(free))]
    away = {(name, f"s{n}") for name in names for n in range(len(free)) if data.draw(st.booleans())}
    given_out = shared_out(rotas, names, free, lambda host, shift: (host, shift.session_id) not in away)
    assert not away & {(host, shift.session_id) for shift, host in given_out}
    per_shift = Counter(shift.session_id for shift, _ in given_out)
    for n, one in enumerate(free):
        able = sum((name, f"s{n}") not in away for name in names)
        assert per_shift[f"s{n}"] == min(one, able)


def test_what_a_host_has_already_counts_when_a_season_is_shared_out() -> None:
    rotas = [Rota(shift(2, AT + timedelta(weeks=n), f"s{n}"), []) for n in range(4)]
    rotas[0] = Rota(rotas[0].shift, [of("a", ACCEPTED, at=rotas[0].shift)])
    given_out = shared_out(rotas, ["a", "b"], [1, 1, 1, 0], lambda host, shift: True)
    assert [host for _, host in given_out] == ["b", "a", "b"]


def test_roles_and_times_of_a_shift_are_those_of_its_task() -> None:
    task = shift().task
    assert (task.role, task.at, task.until) == (VolunteerRole.HOST, AT, AT + timedelta(hours=3))


@given(st.text(max_size=30), st.text(max_size=30))
def test_units_are_one_when_only_capitals_spaces_and_dots_differ(name: str, municipality: str) -> None:
    plain = Unit(name, municipality)
    written = Unit(f"  {name.upper()}. ", f"{municipality} ")
    if name.upper().casefold() == name.casefold():
        assert plain.key == written.key
