"""The measures of volunteers and their work: by hand, and held against their definitions at random."""

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from motesplats_events import AssignmentStatus, VolunteerRole
from services.evaluation.domain.measures import living_books, peers, sites, supporters, trainings, volunteers
from services.evaluation.domain.measures.facts import Assignment, Contact, RoleHeld, Trained, VolunteerFacts
from services.evaluation.domain.measures.periods import Period, year
from services.evaluation.domain.measures.shares import Share
from services.evaluation.domain.measures.sums import Book
from tests.evaluation.facts import MUNICIPALITIES, counted, days, many_volunteers, meets, periods, sums, tally

HOST, PEER, BOOK = VolunteerRole.HOST, VolunteerRole.PEER, VolunteerRole.LIVING_BOOK
SUPPORTER = VolunteerRole.PATIENT_SUPPORTER


def somebody(id: str = "v1", **known: object) -> VolunteerFacts:
    usual = VolunteerFacts(id, "Ekby", date(2016, 3, 1))
    return replace(usual, **known)  # type: ignore[arg-type]


def done(role: VolunteerRole, on: date, municipality: str = "Ekby") -> Assignment:
    return Assignment(role, AssignmentStatus.COMPLETED, "The clinic", municipality, date(2019, 1, 2), on)


# Volunteers


def test_hosts_by_municipality_and_year() -> None:
    def host(id: str, municipality: str, since: date, left: date | None = None) -> VolunteerFacts:
        return somebody(id, municipality=municipality, enrolled_on=since, left_on=left, roles=[RoleHeld(HOST, since)])

    found = sums(
        [
            host("v1", "Ekby", date(2016, 3, 1)),
            host("v2", "Ekby", date(2017, 3, 1), date(2018, 2, 1)),
            host("v3", "Tallby", date(2018, 3, 1)),
        ],
        Book.VOLUNTEERS,
    )

    def in_year(municipality: str, number: int) -> int:
        return volunteers.in_role(found.municipalities[municipality], "host", *_days(number))

    assert [in_year("Ekby", number) for number in (2015, 2016, 2017, 2018, 2019)] == [0, 1, 2, 2, 1]
    assert [in_year("Tallby", number) for number in (2017, 2018, 2019)] == [0, 1, 1]
    assert volunteers.volunteers(found.whole, *_days(2018)) == 3


def test_a_role_that_was_given_up_is_known_of_the_time_before() -> None:
    roles = [RoleHeld(HOST, date(2016, 3, 1), date(2017, 5, 31)), RoleHeld(PEER, date(2017, 6, 1))]
    found = tally(somebody(roles=roles), book=Book.VOLUNTEERS)
    assert [volunteers.in_role(found, "host", *_days(n)) for n in (2016, 2017, 2018)] == [1, 1, 0]
    assert [volunteers.in_role(found, "peer", *_days(n)) for n in (2016, 2017, 2018)] == [0, 1, 1]


@given(many_volunteers, periods())
def test_volunteers_are_counted_as_defined(facts: list[VolunteerFacts], period: Period) -> None:
    there = [v for v in facts if v.enrolled_on and meets(v.enrolled_on, v.left_on, period)]
    found = sums(facts, Book.VOLUNTEERS)
    assert volunteers.volunteers(found.whole, period.since, period.until) == len(there)
    parts = [volunteers.volunteers(one, period.since, period.until) for one in found.municipalities.values()]
    assert sum(parts) == len(there)
    for role in (HOST, BOOK, SUPPORTER):
        having = [v for v in facts if any(meets(*spell, period) for spell in volunteers.role_spells(v, role))]
        assert volunteers.in_role(found.whole, role.value, period.since, period.until) == len(having)


# Sites


shifts = st.builds(
    Assignment,
    role=st.sampled_from([HOST, SUPPORTER]),
    status=st.sampled_from(AssignmentStatus),
    organiser=st.just("The clinic"),
    municipality=st.sampled_from(MUNICIPALITIES[:2]),
    offered_on=st.just(date(2019, 1, 2)),
    place=st.sampled_from(["The mill", "The old school"]),
    on=days,
)


@given(st.lists(st.lists(shifts, max_size=8), max_size=6), st.integers(2019, 2022), st.integers(1, 12))
def test_hosts_of_a_site_are_different_people_of_a_year(
    everybody: list[list[Assignment]], number: int, month: int
) -> None:
    since, until = date(number, 1, 1), date(number, month, 28)
    facts = [somebody(f"v{n}", assignments=theirs) for n, theirs in enumerate(everybody)]
    found = sums(facts, Book.WORK)
    yes = (AssignmentStatus.ACCEPTED, AssignmentStatus.COMPLETED)
    there = {
        (task.municipality, task.place, one.volunteer_id)
        for one in facts
        for task in one.assignments
        if task.role is HOST and task.status in yes and task.on and since <= task.on <= until
    }
    for site in sites.sites(found):
        counted_there = sites.hosts(found.municipalities[site.municipality], site.place, since, until)
        assert counted_there == sum(1 for where in there if where[:2] == (site.municipality, site.place))
    assert {(site.municipality, site.place) for site in sites.sites(found)} >= {where[:2] for where in there}


# Peers


def test_peer_assignments_unique_peers_and_the_change_on_the_year() -> None:
    first = somebody("v1", assignments=[done(PEER, date(2020, m, 1)) for m in (1, 2, 3)])
    second = somebody("v2", assignments=[done(PEER, date(2020, 5, 1), "Tallby"), done(BOOK, date(2020, 5, 1))])
    before = somebody("v3", assignments=[done(PEER, date(2019, n, 2)) for n in (1, 2, 3, 4, 5)])
    facts = [first, second, before]
    work, people = tally(*facts, book=Book.WORK), tally(*facts, book=Book.PEERS)
    assert (peers.assignments(work, year(2020)), peers.unique_peers(people, year(2020))) == (4, 2)
    change = peers.change(work, year(2020))
    assert (change.now, change.before, change.value) == (4, 5, Fraction(-1, 5))
    assert peers.change(work, year(2019)).value is None


def test_a_peer_who_works_in_two_municipalities_is_one_peer() -> None:
    one = somebody(assignments=[done(PEER, date(2020, 1, 1)), done(PEER, date(2020, 2, 1), "Tallby")])
    assert peers.unique_peers(tally(one, book=Book.PEERS), year(2020)) == 1


@given(many_volunteers, periods())
def test_there_are_never_more_peers_than_assignments(facts: list[VolunteerFacts], period: Period) -> None:
    completed = {
        v.volunteer_id: [a for a in v.assignments if a.role is PEER and a.completed_on and _in(a.completed_on, period)]
        for v in facts
    }
    work, people = sums(facts, Book.WORK).whole, sums(facts, Book.PEERS).whole
    found = peers.assignments(work, period)
    assert found == sum(len(each) for each in completed.values())
    assert peers.unique_peers(people, period) == sum(1 for each in completed.values() if each) <= found


# The living library


def test_a_book_is_offered_once_a_year_however_often_it_is_asked() -> None:
    offer = Assignment(BOOK, AssignmentStatus.DECLINED, "The clinic", "Tallby", date(2020, 4, 1))
    book = RoleHeld(BOOK, date(2019, 1, 1))
    asked = somebody("v1", roles=[book], assignments=[offer, replace(offer, offered_on=date(2020, 9, 1))])
    idle, gone = somebody("v2", roles=[book]), somebody("v3", roles=[book], left_on=date(2019, 12, 31))
    found = tally(asked, idle, gone, book=Book.VOLUNTEERS)
    assert living_books.offered(found, 2020, date(2020, 12, 31)) == Share(1, 2)
    assert living_books.offered(found, 2020, date(2020, 3, 31)) == Share(0, 2)
    assert living_books.offered(found, 2019, date(2019, 12, 31)) == Share(0, 3)


def test_the_interval_is_the_one_of_wilson() -> None:
    low, high = Share(7, 10).interval
    assert (round(low, 4), round(high, 4)) == (0.3968, 0.8922)
    assert Share(0, 0).interval == (0.0, 1.0)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_interval_holds_the_share_and_narrows_with_the_base(part: int, rest: int) -> None:
    low, high = Share(part, part + rest).interval
    assert 0 <= low <= Share(part, part + rest).value <= high <= 1
    wider = Share(10 * part, 10 * (part + rest)).interval
    assert wider[1] - wider[0] <= high - low


@given(many_volunteers, st.integers(2019, 2022), st.integers(1, 12))
def test_no_more_books_are_offered_than_there_are(facts: list[VolunteerFacts], number: int, month: int) -> None:
    until = date(number, month, 28)
    found = living_books.offered(sums(facts, Book.VOLUNTEERS).whole, number, until)
    assert 0 <= found.part <= found.n


# Patient supporters and trainings


def test_new_units_by_month_and_supporter() -> None:
    def contact(day: date, new: bool) -> Contact:
        return Contact("The clinic", "Ekby", day, new)

    role = [RoleHeld(SUPPORTER, date(2020, 1, 15))]
    first = somebody("v1", roles=role, contacts=[contact(date(2020, 1, 20), True), contact(date(2020, 2, 3), True)])
    second = somebody("v2", roles=role, left_on=date(2020, 2, 10), contacts=[contact(date(2020, 2, 3), False)])
    period = Period(date(2020, 1, 1), date(2020, 3, 31))
    work, pool = tally(first, second, book=Book.WORK), tally(first, second, book=Book.VOLUNTEERS)
    mean = supporters.new_units_per_supporter(work, pool, period)
    assert (supporters.new_units(work, period), supporters.contacts(work, period)) == (2, 3)
    assert supporters.supporters(pool, period) == 2
    assert (mean.total, mean.n) == (2, 5)


def test_storytellers_trained_in_a_spring_and_in_all() -> None:
    def storyteller(id: str, *on: date) -> VolunteerFacts:
        told = [RoleHeld(VolunteerRole.STORYTELLER, date(2019, 1, 1))]
        return somebody(id, roles=told, trainings=[Trained("stories", day) for day in on])

    facts = [storyteller(f"a{n}", date(2019, 5, 5)) for n in range(6)]
    facts += [storyteller(f"b{n}", date(2020, 3, 3), date(2020, 10, 1)) for n in range(7)]
    facts += [storyteller("c")]
    found = tally(*facts, book=Book.VOLUNTEERS)
    spring = Period(date(2020, 1, 1), date(2020, 6, 30))
    assert trainings.trained(found, "storyteller", spring) == 7
    assert trainings.trained_in_all(found, "storyteller", spring) == 13
    assert trainings.codes(found) == ["stories"]
    assert trainings.completed(found, "stories", *_days(2020)) == 14


# What holds for all of them


@given(many_volunteers, st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_does_not_matter(facts: list[VolunteerFacts], chance: random.Random) -> None:
    def mixed(known: VolunteerFacts) -> VolunteerFacts:
        return replace(
            known,
            roles=chance.sample(list(known.roles), len(known.roles)),
            assignments=chance.sample(list(known.assignments), len(known.assignments)),
            contacts=chance.sample(list(known.contacts), len(known.contacts)),
        )

    assert counted(mixed(known) for known in chance.sample(facts, len(facts))) == counted(facts)


@given(many_volunteers, st.sampled_from(MUNICIPALITIES))
def test_another_id_counts_the_same(facts: list[VolunteerFacts], municipality: str) -> None:
    others = [replace(known, volunteer_id=f"forgotten-{n}") for n, known in enumerate(facts)]
    for book in (Book.VOLUNTEERS, Book.WORK):
        assert sums(facts, book).whole.series == sums(others, book).whole.series
    before, after = sums(facts, Book.PEERS).whole, sums(others, Book.PEERS).whole
    assert peers.unique_peers(before, year(2020)) == peers.unique_peers(after, year(2020))


def _days(number: int) -> tuple[date, date]:
    return date(number, 1, 1), date(number, 12, 31)


def _in(day: date, period: Period) -> bool:
    return period.since <= day <= period.until
