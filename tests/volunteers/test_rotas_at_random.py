"""Whatever happens in whatever order, on the real store: nobody on a shift twice, and no released shift lost."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motesplats_events import AssignmentStatus
from services.volunteers import store
from services.volunteers.domain.assignments import OPEN, Terms
from services.volunteers.domain.shifts import Rota
from services.volunteers.use_cases import due, shifts, substitutes, swaps
from services.volunteers.use_cases.assignments import answer_offer, release_assignment
from shared.access import Staff, StaffRole
from shared.delivery import Transaction
from shared.errors import DomainError
from tests.volunteers.conftest import ORGANISER, World
from tests.volunteers.houses import hosts, open_house

RARELY = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STAFF = Staff("Kim", StaffRole.COORDINATOR, (ORGANISER,))

which = st.integers(0, 50)
happenings = st.lists(
    st.tuples(
        st.sampled_from(
            ["take", "take", "put", "give up", "give up", "accept", "accept", "decline", "ask", "swap", "time passes"]
        ),
        which,
        which,
    ),
    min_size=10,
    max_size=30,
)


async def happen(world: World, volunteers: Sequence[str], steps: Sequence[tuple[str, int, int]]) -> None:
    rules, reading = world.settings.rules, world.delivery.reading
    given_up: set[str] = set()
    for what, one, other in steps:
        volunteer_id = volunteers[one % len(volunteers)]
        session_id = f"s{other % 3}"
        everything = [a for rota in await store.rotas_of(reading, world.programme_id) for a in rota.assignments]
        accepted = [a for a in everything if a.status is AssignmentStatus.ACCEPTED]
        offered = [a for a in everything if a.status is AssignmentStatus.OFFERED]
        new = str(uuid4())
        work: Callable[[Transaction], Awaitable[object]] | None = None
        match what:
            case "take":
                work = partial(
                    shifts.take_shift, session_id=session_id, volunteer_id=volunteer_id, assignment_id=new, rules=rules
                )
            case "put":
                work = partial(
                    shifts.place_host,
                    session_id=session_id,
                    volunteer_id=volunteer_id,
                    staff=STAFF,
                    assignment_id=new,
                    rules=rules,
                )
            case "give up" if accepted:
                id = accepted[one % len(accepted)].assignment_id
                work = partial(release_assignment, assignment_id=id, rules=rules)
            case "accept" | "decline" if offered:
                id = offered[one % len(offered)].assignment_id
                work = partial(answer_offer, assignment_id=id, accept=what == "accept", rules=rules)
            case "ask":
                work = partial(
                    substitutes.ask_for_shift, session_id=session_id, volunteer_ids=[], staff=STAFF, rules=rules
                )
            case "swap" if accepted:
                gives, takes = accepted[one % len(accepted)], accepted[other % len(accepted)]
                work = partial(
                    swaps.propose_swap,
                    volunteer_id=gives.volunteer_id,
                    gives_id=gives.assignment_id,
                    takes_id=takes.assignment_id,
                    offer_id=new,
                    rules=rules,
                )
            case "time passes":
                world.time(world.delivery.clock.now() + timedelta(hours=18))
                await due.once(world.delivery, world.settings)
        if work is not None:
            try:
                await world.delivery.transact(work)
            except DomainError:
                continue
            rotas = await store.rotas_of(reading, world.programme_id)
            if what == "give up":
                given_up.add(str(accepted[one % len(accepted)].task.session_id))
            given_up -= {rota.shift.session_id for rota in rotas if not rota.missing}
            check(rotas, given_up, len(volunteers), world)


def check(rotas: Sequence[Rota], given_up: Collection[str], volunteers: int, world: World) -> None:
    now = world.delivery.clock.now()
    for rota in rotas[:3]:
        shift = rota.shift
        stands = Counter(one.volunteer_id for one in rota.assignments if one.status in OPEN)
        assert set(stands.values()) <= {1}, "nobody is on a shift twice, or asked for it twice"
        if shift.at <= now:
            continue
        assert rota.thin(now) == (len(rota.hosts) < shift.needed), "what is missing is on the list"
        several = [one for one in rota.asked(now) if one.terms is Terms.FIRST_COME]
        assert not several or rota.free(now), "nobody hopes for a place that is not there"
        if shift.session_id in given_up and rota.free(now):
            never_asked = volunteers - len({one.volunteer_id for one in rota.assignments if not one.called_off})
            assert shift.searching, "a released shift is searched for until somebody has it"
            assert several or not never_asked, "and as long as there is somebody to ask, somebody is asked"


async def test_whatever_happens_nobody_is_on_a_shift_twice_and_no_released_shift_is_lost(world: World) -> None:
    @RARELY
    @given(happenings)
    def try_one(steps: list[tuple[str, int, int]]) -> None:
        tried.append(steps)

    # The store is asked from this test's own loop, which a property cannot wait for: draw first, then live it.
    tried: list[list[tuple[str, int, int]]] = []
    try_one()
    volunteers = await hosts(world, *"ABCDEFGH")
    begun = world.delivery.clock.now()
    for steps in tried:
        world.time(begun)
        world.programme_id = str(uuid4())
        await world.delivery.db.assignments.delete_many({})
        await world.delivery.db.shifts.delete_many({})
        await open_house(world, needed=2)
        await happen(world, volunteers, steps)


async def test_the_check_sees_a_released_shift_that_nobody_searches_for(world: World) -> None:
    await open_house(world)
    (maja, _) = await hosts(world, "Maja", "Olga")
    rules = world.settings.rules
    new = str(uuid4())
    await world.delivery.transact(lambda tx: shifts.place_host(tx, "s0", maja, STAFF, new, rules))
    await world.delivery.transact(lambda tx: release_assignment(tx, new, rules))
    await world.delivery.db.shifts.update_many({}, {"$set": {"searching": False}})
    rotas = await store.rotas_of(world.delivery.reading, world.programme_id)
    with pytest.raises(AssertionError, match="searched for"):
        check(rotas, {"s0"}, 2, world)
