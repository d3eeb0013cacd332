"""Rules of the queue, as properties: never overbooked, never idle, order kept. And what breaks each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from motesplats_events import Role
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.programmes import Programme, Release, Session, check_ways
from services.registration.domain.queue import Entry, answer_by, fits, moving_up, position, with_places
from services.registration.domain.releases import passed_on, released
from services.registration.domain.wishes import Queue, Wish, counted, position_of_wish, proposals

NOW = datetime(2025, 1, 7, 8, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")
PROGRAMME = Programme(
    programme_id="p1",
    title="A group",
    organiser="An association",
    kind=ProgrammeKind.MENS_GROUP,
    place="A room",
    municipality="Randers",
    places={Role.PATIENT: 3, Role.RELATIVE: 2},
    sessions=[Session("s1", NOW + timedelta(days=21), 120, "Coping")],
)

MovingUp = Callable[[Programme, Iterable[Entry]], Sequence[Entry]]
Step = tuple[str, int]
roles = st.sampled_from([Role.PATIENT, Role.RELATIVE])
comers = st.one_of(st.tuples(roles), st.tuples(roles, roles))
programmes = st.builds(
    lambda patient, relative, optimum: replace(
        PROGRAMME, places={Role.PATIENT: patient, Role.RELATIVE: relative}, optimum=optimum
    ),
    st.integers(0, 4),
    st.integers(0, 4),
    st.one_of(st.none(), st.integers(1, 6)),
)
steps = st.lists(st.one_of(comers, st.integers(0, 20)), max_size=25)


@dataclass
class House:
    """Who has places and who waits, moved by the rules alone."""

    programme: Programme
    moving_up: MovingUp
    inside: list[Entry] = field(default_factory=list)
    waiting: list[Entry] = field(default_factory=list)
    tickets: int = 0
    jumps: list[tuple[Entry, Entry]] = field(default_factory=list)

    def comes(self, who: tuple[Role, ...]) -> None:
        """Somebody registers, or two who want to come together."""
        self.tickets += 1
        entry = Entry(self.tickets, who)
        if fits(entry, self.programme):
            self._enter(entry)
        else:
            self.waiting.append(entry)

    def leaves(self, number: int) -> None:
        """One of those inside gives up their place, and the queue moves up."""
        if not self.inside:
            return
        gone = self.inside.pop(number % len(self.inside))
        taken = {role: n - gone.wants[role] for role, n in self.programme.taken.items()}
        self.programme = replace(self.programme, taken=taken)
        moved = list(self.moving_up(self.programme, self.waiting))
        for entry in moved:
            self.waiting.remove(entry)
            self._enter(entry)
        self.jumps += [
            (before, after)
            for after in moved
            for before in self.waiting
            if before.ticket < after.ticket and before.wants == after.wants
        ]

    def _enter(self, entry: Entry) -> None:
        self.inside.append(entry)
        self.programme = with_places(self.programme, entry)

    @property
    def overbooked(self) -> bool:
        """More inside than places, or than the optimum of a group."""
        taken, programme = self.programme.taken, self.programme
        too_many = programme.optimum is not None and sum(taken.values()) > programme.optimum
        return too_many or any(n > programme.places[role] for role, n in taken.items())

    @property
    def idle(self) -> bool:
        """A place is free and somebody waits who fits."""
        return any(fits(entry, self.programme) for entry in self.waiting)


def lived(programme: Programme, happened: Sequence[tuple[Role, ...] | int], by: MovingUp = moving_up) -> House:
    house = House(programme, by)
    for what in happened:
        if isinstance(what, int):
            house.leaves(what)
        else:
            house.comes(what)
    return house


@settings(max_examples=400)
@given(programmes, steps)
def test_never_overbooked_never_idle_and_nobody_jumps_the_queue(
    programme: Programme, happened: list[tuple[Role, ...] | int]
) -> None:
    house = lived(programme, happened)
    assert not house.overbooked
    assert not house.idle
    assert house.jumps == []


def first_only(programme: Programme, queue: Iterable[Entry]) -> Sequence[Entry]:
    first = sorted(queue, key=lambda entry: entry.ticket)[:1]
    return [entry for entry in first if fits(entry, programme)]


def last_first(programme: Programme, queue: Iterable[Entry]) -> Sequence[Entry]:
    found = []
    for entry in sorted(queue, key=lambda entry: -entry.ticket):
        if fits(entry, programme):
            found.append(entry)
            programme = with_places(programme, entry)
    return found


def uncounted(programme: Programme, queue: Iterable[Entry]) -> Sequence[Entry]:
    return [entry for entry in queue if fits(entry, programme)]


@pytest.mark.parametrize(
    ("wrong", "seen"),
    [
        (first_only, lambda house: house.idle),
        (last_first, lambda house: bool(house.jumps)),
        (uncounted, lambda house: house.overbooked),
    ],
    ids=["only the first is looked at", "the last comes first", "places are not counted between two"],
)
def test_a_wrong_rule_is_seen(wrong: MovingUp, seen: Callable[[House], bool]) -> None:
    find(st.tuples(programmes, steps), lambda drawn: seen(lived(*drawn, by=wrong)))
    with pytest.raises(NoSuchExample):
        find(st.tuples(programmes, steps), lambda drawn: seen(lived(*drawn)), settings=settings(max_examples=200))


def test_a_pair_that_needs_two_places_keeps_its_place_in_the_queue_while_others_pass() -> None:
    programme = replace(PROGRAMME, taken={Role.PATIENT: 2, Role.RELATIVE: 2})
    pair, single = Entry(1, (Role.PATIENT, Role.RELATIVE)), Entry(2, (Role.PATIENT,))
    assert moving_up(programme, [pair, single]) == [single]
    assert position(Role.PATIENT, 2, [pair, single]).number == 2
    assert position(Role.PATIENT, 1, [pair, single]).together
    assert moving_up(replace(PROGRAMME, taken={Role.PATIENT: 2, Role.RELATIVE: 1}), [pair, single]) == [pair]


def test_a_position_says_how_many_people_of_the_same_role_are_ahead() -> None:
    queue = [Entry(1, (Role.PATIENT, Role.PATIENT)), Entry(2, (Role.RELATIVE,)), Entry(3, (Role.PATIENT,))]
    place = position(Role.PATIENT, 3, queue)
    assert (place.number, place.ahead, place.together) == (3, 2, False)


def test_a_group_takes_in_new_members_up_to_its_optimum() -> None:
    group = replace(PROGRAMME, places={Role.PATIENT: 9}, optimum=8, taken={Role.PATIENT: 8})
    assert not fits(Entry(1, (Role.PATIENT,)), group)
    assert group.free(Role.PATIENT) == 0
    assert fits(Entry(1, (Role.PATIENT,)), replace(group, optimum=None))


@given(st.integers(0, 60 * 24 * 60), st.integers(1, 30))
def test_an_offer_never_outlasts_the_start_and_is_never_too_short_to_answer(minutes: int, days: int) -> None:
    start = NOW + timedelta(minutes=minutes)
    programme = replace(PROGRAMME, sessions=[Session("s1", start, 90, "Coping")], offer_days=days)
    end = answer_by(programme, NOW, ZONE)
    if end is None:
        assert start - NOW < timedelta(hours=1) or start <= NOW
    elif start > NOW:
        assert NOW + timedelta(hours=1) <= end <= start


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_a_release_moves_what_is_left_and_never_a_place_that_is_taken(
    patient: int, relative: int, patients: int, relatives: int
) -> None:
    taken = {Role.PATIENT: min(patients, patient), Role.RELATIVE: min(relatives, relative)}
    release = Release(NOW, Role.RELATIVE, Role.PATIENT)
    before = replace(
        PROGRAMME, places={Role.PATIENT: patient, Role.RELATIVE: relative}, taken=taken, releases=[release]
    )
    after = released(before, NOW)
    assert sum(after.places.values()) == sum(before.places.values())
    assert after.places[Role.RELATIVE] == taken[Role.RELATIVE]
    assert all(after.places[role] >= n for role, n in taken.items())
    assert released(after, NOW) is after
    assert released(before, NOW - timedelta(seconds=1)) is before


def after_any_moves(programme: Programme) -> Iterator[Programme]:
    """The programme with its free places moved, one by one, in every way that its releases permit."""
    todo, seen = [dict(programme.places)], []
    for places in todo:
        if places in seen:
            continue
        seen.append(places)
        yield replace(programme, places=places)
        for release in programme.releases:
            own, other = release.from_role, release.to_role
            if release.done and places.get(own, 0) > programme.taken.get(own, 0):
                todo.append({**places, own: places[own] - 1, other: places.get(other, 0) + 1})


every_role = st.sampled_from(list(Role))
numbers = st.fixed_dictionaries({role: st.integers(0, 3) for role in Role})
ways = st.lists(st.tuples(every_role, every_role).filter(lambda way: way[0] is not way[1]), max_size=4)
crowd = st.lists(st.one_of(st.tuples(every_role), st.tuples(every_role, every_role)), max_size=6)


@settings(max_examples=300)
@given(numbers, numbers, ways, crowd, st.one_of(st.none(), st.integers(1, 6)))
def test_what_becomes_free_after_a_release_goes_to_whoever_fits_then_and_else_stays(
    places: dict[Role, int],
    wanted: dict[Role, int],
    ways: list[tuple[Role, Role]],
    crowd: list[tuple[Role, ...]],
    optimum: int | None,
) -> None:
    releases = [Release(NOW, own, other, done=True) for own, other in ways]
    taken = {role: min(wanted[role], n) for role, n in places.items()}
    before = replace(PROGRAMME, places=places, taken=taken, releases=releases, optimum=optimum)
    queue = [Entry(ticket, roles) for ticket, roles in enumerate(crowd)]

    def settled(programme: Programme) -> Programme:
        for entry in moving_up(programme, queue):
            programme = with_places(programme, entry)
            queue.remove(entry)
        return programme

    own = settled(before)
    waited = len(queue)
    after = passed_on(own, queue)
    end = settled(after)
    assert sum(after.places.values()) == sum(places.values())
    assert all(n <= after.places[role] for role, n in end.taken.items()), "never overbooked"
    assert (after is own) == (len(queue) == waited), "moved only for somebody who fits then"
    grown = [role for role in Role if after.places[role] > own.places[role]]
    assert all(end.taken[role] == after.places[role] for role in grown), "and no more than they need"
    assert not any(fits(entry, moved) for moved in after_any_moves(end) for entry in queue), "never idle"
    assert passed_on(end, queue) is end, "also where the ways lead in a ring"
    to_come = replace(own, releases=[replace(release, done=False) for release in releases])
    assert passed_on(to_come, queue) is to_come


@given(ways, st.integers(0, 4))
def test_places_may_not_come_back_to_the_role_that_they_went_from(ways: list[tuple[Role, Role]], done: int) -> None:
    releases = [Release(NOW, own, other, done=n < done) for n, (own, other) in enumerate(ways)]
    left = set(ways)
    while ends := {way for way in left if way[1] not in {own for own, _ in left}}:
        left -= ends
    found = check_ways(releases)
    assert all(int(problem.field.split(".")[1]) >= done for problem in found), "what has been released stays"
    if not done:
        assert bool(found) == bool(left)


def wish(ticket: int, about: str = "heart failure", municipality: str = "Jönköping", **more: object) -> Wish:
    made = Wish(
        f"w{ticket}", f"p{ticket}", ProgrammeKind.LEARNING_CAFE, about, municipality, Role.PATIENT, "sv", ticket
    )
    return replace(made, **more)


def test_a_wish_stands_behind_earlier_ones_that_the_same_programme_would_meet() -> None:
    others = [wish(1, municipality=""), wish(2, about="diabetes"), wish(3, open=False), wish(4, about="Heart failure")]
    assert position_of_wish(wish(5), others) == 3


def test_a_new_group_is_proposed_when_as_many_wait_as_a_group_needs() -> None:
    few = Queue("p", "Heart failure", ProgrammeKind.LEARNING_CAFE, "heart failure", "Jönköping", 4, waiting=3)
    assert proposals([few], {}) == []
    enough = replace(few, waiting=4)
    (found,) = proposals([enough], {})
    assert (found.like, found.waiting, found.needed) == (enough, 4, 4)


def test_wishes_count_towards_a_proposal_also_where_there_is_no_programme_yet() -> None:
    (found,) = proposals([], counted([wish(n) for n in range(6)]))
    assert (found.like, found.waiting, found.about) == (None, 6, "heart failure")
    assert proposals([], counted([wish(n, offered="somebody") for n in range(6)])) == []
