"""The measures of offers and their users: by hand, and held against their definitions at random."""

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from motesplats_events import Format
from services.evaluation.domain.measures import attendance, houses, offers, queue, sources, stay, sufficiency, users
from services.evaluation.domain.measures.facts import Answered, Held, Offer, OfferFacts, Registered
from services.evaluation.domain.measures.periods import SHORTEST, Period, thursday, year
from services.evaluation.domain.measures.sums import Book
from tests.evaluation.facts import counted, days, many_offers, meets, offer, periods, sums, tally, within

SPRING = Period(date(2020, 1, 1), date(2020, 6, 30))
AUTUMN = Period(date(2020, 7, 1), date(2020, 12, 31))
WEEK = timedelta(weeks=1)


def weekly(first: date, times: int, weeks: int = 1) -> tuple[date, ...]:
    return tuple(first + n * weeks * WEEK for n in range(times))


# Users


def test_a_user_has_attended_or_is_a_member_in_the_period() -> None:
    came = Registered(came=(date(2020, 2, 11), date(2020, 9, 1)))
    member = Registered(member_since=date(2020, 3, 1), ended_on=date(2020, 5, 31))
    never_came = Registered(on=date(2020, 1, 2), placed_on=date(2020, 1, 2))
    found = tally(OfferFacts(offer(last=None), [came, member, never_came]))
    assert users.users(found, SPRING.since, SPRING.until) == 2
    assert users.users(found, date(2020, 6, 1), date(2020, 8, 31)) == 0
    assert users.users(found, AUTUMN.since, AUTUMN.until) == 1


def test_an_open_membership_lasts_until_the_last_session() -> None:
    member = Registered(member_since=date(2020, 3, 1))
    ended, going_on = OfferFacts(offer(), [member]), OfferFacts(offer(last=None), [member])
    assert users.users(tally(ended), AUTUMN.since, AUTUMN.until) == 0
    assert users.users(tally(going_on), AUTUMN.since, AUTUMN.until) == 1


@given(many_offers, periods())
def test_users_are_counted_as_defined_and_each_once(facts: list[OfferFacts], period: Period) -> None:
    expected = sum(
        bool(within(person.came, period))
        or any(meets(*spell, period) for spell in users.spells_of(known.offer, person))
        for known in facts
        for person in known.registrations
    )
    found = users.users(sums(facts).whole, period.since, period.until)
    assert found == expected
    assert found <= sum(len(known.registrations) for known in facts)


@given(many_offers, periods())
def test_users_of_the_parts_are_users_of_the_whole(facts: list[OfferFacts], period: Period) -> None:
    found = sums(facts)
    parts = [users.users(one, period.since, period.until) for one in found.municipalities.values()]
    assert sum(parts) == users.users(found.whole, period.since, period.until)


# Attendance, and the two measures that are not the same


def test_eight_on_average_and_ten_users_an_offer_are_two_measures() -> None:
    held = [Held(day, attended) for day, attended in zip(weekly(date(2020, 1, 14), 4), (8, 9, 7, 8), strict=True)]
    people = [Registered(came=(held[n % 4].on,)) for n in range(10)]
    found = tally(OfferFacts(offer(), people, held))
    mean, per_offer = attendance.mean_attendance(found, SPRING), users.users_per_offer(found, SPRING)
    assert (mean.value, mean.n) == (8, 4)
    assert mean.spread == {"0": 0, "1-3": 0, "4-6": 0, "7-9": 4, "10-14": 0, "15-": 0}
    assert (per_offer.value, per_offer.n) == (10, 1)


def test_a_drop_in_has_visitors_and_no_attendance() -> None:
    found = tally(OfferFacts(offer(kind="drop_in", lists_people=False), held=[Held(date(2020, 2, 3), 0, visitors=15)]))
    assert attendance.mean_attendance(found, SPRING).n == 0
    assert users.users_per_offer(found, SPRING).n == 0


@given(many_offers, periods())
def test_mean_attendance_is_of_held_sessions_where_people_register(facts: list[OfferFacts], period: Period) -> None:
    came = [
        held.attended
        for known in facts
        if known.offer.lists_people
        for held in known.held
        if period.since <= held.on <= period.until
    ]
    mean = attendance.mean_attendance(sums(facts).whole, period)
    assert (mean.total, mean.n) == (sum(came), len(came))
    assert sum(mean.spread.values()) == mean.n


# Offers


def test_an_offer_is_there_from_its_first_session_to_its_last() -> None:
    found = sums([OfferFacts(offer()), OfferFacts(offer(programme_id="p2", municipality="Tallby", kind="course"))])
    assert offers.offers(found.whole, SPRING) == 2
    assert offers.by_kind(found.whole, SPRING) == {"course": 1, "learning_cafe": 1}
    assert offers.by_municipality(found, SPRING) == {"Ekby": 1, "Tallby": 1}
    assert offers.by_municipality(found, AUTUMN) == {}


def test_a_programme_without_a_session_that_takes_place_is_no_offer() -> None:
    assert offers.offers(tally(OfferFacts(offer(first=None, last=None))), SPRING) == 0


def test_seasons_of_one_group_are_one_offer_and_only_the_first_was_started() -> None:
    spring = offer()
    autumn = offer(programme_id="p2", first=date(2020, 9, 1), last=date(2020, 12, 1))
    found = tally(OfferFacts(spring), OfferFacts(autumn, earlier=OfferFacts(spring)))
    assert offers.offers(found, year(2020)) == 1
    assert offers.offers(found, SPRING) == offers.offers(found, AUTUMN) == 1
    assert offers.offers(found, Period(date(2020, 6, 20), date(2020, 8, 20))) == 0
    assert offers.started(found, year(2020)) == 1
    apart = tally(OfferFacts(spring), OfferFacts(autumn))
    assert offers.offers(apart, year(2020)) == offers.started(apart, year(2020)) == 2


def test_of_several_copies_the_first_one_after_goes_on() -> None:
    spring = offer()
    autumn = offer(programme_id="p2", first=date(2020, 9, 1))
    winter = offer(programme_id="p3", first=date(2021, 1, 12))
    beside = offer(programme_id="p4", first=date(2020, 2, 4))
    elsewhere = offer(programme_id="p5", first=date(2020, 8, 4), municipality="Tallby")
    assert offers.next_season(spring, [winter, beside, elsewhere, autumn]) == autumn
    assert offers.next_season(spring, [beside, elsewhere]) is None


def test_digital_self_help_groups_started_in_a_year() -> None:
    def group(number: int, first: date, format: Format, kind: str = offers.SELF_HELP) -> OfferFacts:
        return OfferFacts(offer(programme_id=f"p{number}", first=first, last=None, format=format, kind=kind))

    found = tally(
        group(1, date(2020, 3, 3), Format.DIGITAL),
        group(2, date(2021, 2, 2), Format.DIGITAL),
        group(3, date(2021, 5, 4), Format.DIGITAL),
        group(4, date(2021, 9, 7), Format.DIGITAL),
        group(5, date(2021, 9, 7), Format.BOTH),
        group(6, date(2021, 9, 7), Format.DIGITAL, "course"),
    )
    assert offers.started(found, year(2020), offers.SELF_HELP, Format.DIGITAL) == 1
    assert offers.started(found, year(2021), offers.SELF_HELP, Format.DIGITAL) == 3
    assert offers.started(found, year(2021), offers.SELF_HELP) == 4
    assert offers.started_kinds(found, year(2021)) == ["course", "self_help_group"]


@given(many_offers, periods())
def test_offers_are_counted_as_defined(facts: list[OfferFacts], period: Period) -> None:
    there = [k.offer for k in facts if k.offer.first is not None and meets(k.offer.first, k.offer.last, period)]
    found = sums(facts)
    assert offers.offers(found.whole, period) == len(there)
    assert set(offers.by_municipality(found, period)) == {one.municipality for one in there}
    assert sum(offers.by_municipality(found, period).values()) == len(there)


# Stay


def inside(known: Offer, day: date) -> date:
    """What is told before an offer begins, or after it is over, counts on its first or last day."""
    assert known.first is not None
    assert known.last is not None
    return min(max(day, known.first), known.last)


def test_a_long_stay_is_a_median_over_eleven_months() -> None:
    last = date(2020, 12, 31)
    stays = [
        Registered(came=weekly(date(2019, 1, 8), 50)),
        Registered(came=weekly(date(2019, 1, 8), 60)),
        Registered(came=(date(2019, 1, 8),)),
    ]
    found = tally(OfferFacts(offer(first=date(2019, 1, 8), last=last), stays))
    # On 17 December 2019 the second of the three has come for 343 days.
    before, after = Period(date(2019, 1, 1), date(2019, 12, 2)), Period(date(2019, 1, 1), date(2019, 12, 17))
    assert (stay.long_stay(found, before).part, stay.long_stay(found, before).n) == (0, 1)
    assert (stay.long_stay(found, after).part, stay.long_stay(found, after).n) == (1, 1)
    assert stay.long_stay(found, year(2021)).n == 0


@given(many_offers, periods())
def test_stay_is_measured_as_defined_up_to_the_periods_end(facts: list[OfferFacts], period: Period) -> None:
    part = n = 0
    for known in facts:
        last = known.offer.last
        if last is None or last < period.since:
            continue
        came = [
            [day for day in person.came if inside(known.offer, day) <= period.until] for person in known.registrations
        ]
        stays = [(max(when) - min(when)).days for when in came if when]
        if stays:
            n += 1
            part += median(stays) > stay.LONG_DAYS
    found = stay.long_stay(sums(facts).whole, period)
    assert (found.part, found.n) == (part, n)


# Enough volunteers


def test_the_newest_answer_at_the_date_counts() -> None:
    answers = [Answered(date(2020, 2, 1), False), Answered(date(2020, 3, 10), True), Answered(date(2020, 3, 20), False)]
    found = tally(OfferFacts(offer(), answers=answers))

    def at(day: date) -> tuple[int, int]:
        share = sufficiency.enough_volunteers(found, Period(date(2020, 1, 1), day))
        return share.part, share.n

    assert at(date(2020, 1, 31)) == (0, 0)
    assert at(date(2020, 3, 9)) == (0, 1)
    assert at(date(2020, 3, 15)) == (1, 1)
    assert at(date(2020, 3, 20)) == (0, 1)


@given(many_offers, periods())
def test_enough_volunteers_is_counted_as_defined(facts: list[OfferFacts], period: Period) -> None:
    part = n = 0
    for known in facts:
        last = known.offer.last
        if last is None or last < period.since:
            continue
        said = [answer.enough for answer in known.answers if inside(known.offer, answer.on) <= period.until]
        if said:
            n += 1
            part += said[-1]
    found = sufficiency.enough_volunteers(sums(facts).whole, period)
    assert (found.part, found.n) == (part, n)


def test_seasons_of_one_group_answer_as_one_offer_and_the_newest_counts() -> None:
    spring = OfferFacts(offer(), answers=[Answered(date(2020, 2, 1), True)])
    # The coordinator says it in May already, of a season that begins in September.
    autumn = OfferFacts(
        offer(programme_id="p2", first=date(2020, 9, 1), last=date(2020, 12, 1)),
        answers=[Answered(date(2020, 5, 1), False)],
        earlier=spring,
    )
    found = tally(spring, autumn)

    def within(period: Period) -> tuple[int, int]:
        share = sufficiency.enough_volunteers(found, period)
        return share.part, share.n

    assert within(SPRING) == (1, 1)
    assert within(year(2020)) == within(AUTUMN) == (0, 1)
    assert within(year(2021)) == (0, 0)


@given(st.data(), periods())
def test_three_seasons_are_counted_once_with_the_newest_answer(data: st.DataObject, period: Period) -> None:
    edges = sorted(data.draw(st.lists(days, min_size=6, max_size=6, unique=True)))
    answers = st.lists(st.builds(Answered, on=days, enough=st.booleans()), max_size=2)
    seasons: list[OfferFacts] = []
    for number in range(3):
        season = offer(programme_id=f"p{number}", first=edges[2 * number], last=edges[2 * number + 1])
        said = sorted(data.draw(answers), key=lambda one: one.on)
        seasons.append(OfferFacts(season, answers=said, earlier=seasons[-1] if seasons else None))
    found = sufficiency.enough_volunteers(tally(*seasons), period)

    told = [[(inside(one.offer, answer.on), answer.enough) for answer in one.answers] for one in seasons]
    spoke = [(told[n][0][0], edges[2 * n + 1]) for n in range(3) if told[n]]
    newest = [holds for said in told for day, holds in said if day <= period.until]
    away = any(
        back - left > SHORTEST and left < period.since and period.until < back
        for (_, left), (back, _) in pairwise(spoke)
    )
    there = bool(newest) and spoke[-1][1] >= period.since and not away
    assert (found.part, found.n) == ((int(newest[-1]), 1) if there else (0, 0))


# The queue, and how people found the way


def test_nobody_waits_for_what_is_over() -> None:
    found = tally(OfferFacts(offer(), [Registered(on=date(2020, 1, 2), waited=True)]), book=Book.COMING)
    assert queue.waiting(found, Period(date(2020, 1, 1), offer().last or SPRING.until)) == 0
    assert queue.waiting(found, Period(date(2020, 1, 1), date(2020, 6, 8))) == 1


def test_who_waits_and_how_long_those_waited_who_got_a_place() -> None:
    people = [
        Registered(on=date(2020, 1, 2), waited=True, placed_on=date(2020, 1, 12)),
        Registered(on=date(2020, 1, 2), waited=True, placed_on=date(2020, 2, 1)),
        Registered(on=date(2020, 1, 2), waited=True, ended_on=date(2020, 3, 1)),
        Registered(on=date(2020, 5, 2), waited=True),
        Registered(on=date(2020, 1, 2), placed_on=date(2020, 1, 2)),
    ]
    found = tally(OfferFacts(offer(last=None), people), book=Book.COMING)
    took = queue.time_waited(found, SPRING)
    assert (took.value, took.n) == (20, 2)
    assert took.spread == {"0-6": 0, "7-13": 1, "14-27": 0, "28-55": 1, "56-": 0}
    assert [queue.waiting(found, Period(date(2020, 1, 1), day)) for day in (date(2020, 1, 31), SPRING.until)] == [2, 1]


@given(many_offers, periods())
def test_who_waits_is_counted_as_defined(facts: list[OfferFacts], period: Period) -> None:
    waiting = 0
    for known in facts:
        for person in known.registrations:
            days = (person.placed_on, person.ended_on, known.offer.last)
            ends = [max(day, person.on) for day in days if day and person.on]
            if person.waited and person.on and person.on <= period.until:
                waiting += not any(day <= period.until for day in ends)
    assert queue.waiting(sums(facts, Book.COMING).whole, period) == waiting


def test_registrations_by_source_and_unit() -> None:
    people = [
        Registered(on=date(2020, 1, 2), came_by="self"),
        Registered(on=date(2020, 2, 2), came_by="clinic", referred_by="The ward. 7$ %"),
        Registered(on=date(2020, 3, 2), came_by="clinic", referred_by="The ward. 7$ %"),
        Registered(on=date(2021, 3, 2), came_by="clinic", referred_by="The ward. 7$ %"),
        Registered(came_by="clinic"),
    ]
    found = tally(OfferFacts(offer(), people), book=Book.COMING)
    since, until = SPRING.since, SPRING.until
    assert sources.registrations(found, since, until) == 3
    assert sources.came_by(found, "clinic", since, until) == 2
    assert sources.units(found) == ["The ward. 7$ %"]
    assert sources.referred_by(found, "The ward. 7$ %", since, until) == 2
    assert (sources.referred(found, SPRING).part, sources.on_their_own(found, SPRING).part) == (2, 1)


# Drop-in houses


def house(place: str, visits: dict[date, int], municipality: str = "Ekby") -> OfferFacts:
    held = [Held(day, 0, visitors=n, first_visits=n // 5) for day, n in visits.items()]
    known = offer(programme_id=place, kind="drop_in", lists_people=False, place=place, municipality=municipality)
    return OfferFacts(known, held=held)


def test_visitors_per_week_by_house_and_summed_over_weeks_with_an_opening() -> None:
    monday = date(2020, 2, 3)
    first = house("The yellow house", {monday: 10, monday + timedelta(days=2): 6, monday + 2 * WEEK: 0})
    second = house("The mill", {monday: 20, monday + WEEK: 30}, "Tallby")
    found = sums([first, second], Book.HOUSES)
    together = houses.visitors_per_week(found.whole, SPRING)
    assert (together.value, together.total, together.n) == (22, 66, 3)
    assert together.spread == {
        "0-4": 1,
        "5-9": 0,
        "10-14": 0,
        "15-19": 0,
        "20-24": 0,
        "25-29": 0,
        "30-34": 1,
        "35-39": 1,
    }
    one = houses.visitors_per_week(found.whole, SPRING, "The yellow house")
    assert (one.value, one.n) == (8, 2)
    assert [(h.place, h.municipality) for h in houses.houses(found, SPRING)] == [
        ("The yellow house", "Ekby"),
        ("The mill", "Tallby"),
    ]
    assert houses.openings(found.whole, SPRING) == 5
    assert houses.first_visits(found.whole, SPRING.since, SPRING.until) == 13


def test_a_week_across_the_new_year_belongs_where_its_thursday_lies() -> None:
    found = tally(house("The mill", {date(2019, 12, 31): 8, date(2020, 1, 2): 4}), book=Book.HOUSES)
    assert houses.visitors_per_week(found, year(2019)).n == 0
    assert houses.visitors_per_week(found, year(2020)).total == 12


@given(st.dictionaries(st.dates(date(2019, 1, 1), date(2021, 12, 31)), st.integers(0, 60), max_size=20), periods())
def test_the_mean_of_a_house_is_its_headcount_over_its_weeks(visits: dict[date, int], period: Period) -> None:
    inside = {day: n for day, n in visits.items() if period.since <= thursday(day) <= period.until}
    mean = houses.visitors_per_week(tally(house("The mill", visits), book=Book.HOUSES), period)
    assert mean.total == sum(inside.values())
    assert mean.n == len({day.isocalendar()[:2] for day in inside})
    assert sum(mean.spread.values()) == mean.n


# What holds for all of them


@given(many_offers, st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_does_not_matter(facts: list[OfferFacts], chance: random.Random) -> None:
    def mixed(known: OfferFacts) -> OfferFacts:
        people = [replace(p, came=chance.sample(p.came, len(p.came))) for p in known.registrations]
        return replace(
            known,
            registrations=chance.sample(people, len(people)),
            held=chance.sample(list(known.held), len(known.held)),
        )

    assert counted(mixed(known) for known in chance.sample(facts, len(facts))) == counted(facts)


@given(many_offers, st.integers(0, 30))
def test_what_happens_in_another_year_changes_no_flow(facts: list[OfferFacts], attended: int) -> None:
    more = OfferFacts(
        offer(first=date(2030, 1, 1), last=date(2030, 6, 1)),
        [Registered(on=date(2030, 1, 2), waited=True, placed_on=date(2030, 1, 3), came=(date(2030, 2, 2),))],
        [Held(date(2030, 2, 2), attended)],
        [Answered(date(2030, 2, 2), True)],
    )
    flows = {
        Book.OFFERS: (
            users.users_per_offer,
            attendance.mean_attendance,
            offers.by_kind,
            offers.started,
            stay.long_stay,
            sufficiency.enough_volunteers,
        ),
        Book.COMING: (queue.waiting, queue.time_waited),
    }
    for book, measures in flows.items():
        before, after = sums(facts, book).whole, sums([*facts, more], book).whole
        for measure in measures:
            assert measure(before, year(2021)) == measure(after, year(2021))
