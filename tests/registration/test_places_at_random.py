"""Whatever happens in whatever order, on the real store: never overbooked, never idle, order kept, pairs not split.

Time moves on in between, into the last hour before the start too.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motesplats_events import CancellationReason, RegistrationStatus, Role
from services.registration import store
from services.registration.domain.queue import fits
from services.registration.domain.registrations import Registration, queue_of
from services.registration.use_cases import places, registering
from shared.delivery import Transaction
from shared.errors import DomainError
from tests.registration.conftest import Running
from tests.registration.test_queue import after_any_moves

RARELY = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HOLDING = (RegistrationStatus.CONFIRMED, RegistrationStatus.OFFERED)

alone = st.tuples(st.just("alone"), st.sampled_from(["patient", "relative", "other"]))
together = st.tuples(st.just("together"), st.sampled_from(["patient", "relative"]))
leaving = st.tuples(st.just("leaves"), st.integers(0, 30))
answering = st.tuples(st.sampled_from(["accepts", "declines"]), st.integers(0, 30))
# The first session is a day ahead: the long step leads into its last hour, the short one beyond.
passing = st.tuples(st.just("passes"), st.sampled_from([40, 300, 1410]))
happenings = st.lists(st.one_of(alone, alone, together, leaving, leaving, answering, passing), min_size=8, max_size=24)


WORK: dict[str, Callable[..., Awaitable[object]]] = {
    "leaves": registering.cancel_registration,
    "accepts": places.accept_offer,
    "declines": places.decline_offer,
}


async def happen(service: Running, programme_id: str, steps: Sequence[tuple[str, Any]]) -> None:
    zone = service.settings.zone
    for number, (what, detail) in enumerate(steps):
        if what == "passes":
            before = await store.registrations(service.delivery.reading, programme_id)
            service.later(minutes=detail)
            await service.due()
            await check(service, programme_id, before)
            continue
        found = await store.registrations(service.delivery.reading, programme_id)
        id = found[detail % len(found)].participant_id if isinstance(detail, int) and found else ""
        person: dict[str, Any] = {
            "role": detail,
            "name": f"Person {number}",
            "email": f"p{number}@example.org",
            "consent": True,
        }
        if what == "together":
            person["companion"] = {"role": "relative", "name": f"Companion {number}"}
        work: Callable[[Transaction], Awaitable[object]]
        if what in ("alone", "together"):
            wanted = registering.Application.model_validate(person)
            work = partial(registering.register_participant, programme_id=programme_id, application=wanted, zone=zone)
        else:
            work = partial(WORK[what], participant_id=id, zone=zone)
        before = await store.registrations(service.delivery.reading, programme_id)
        try:
            await service.delivery.transact(work)
        except DomainError:
            continue
        await check(service, programme_id, before)


async def check(service: Running, programme_id: str, before: Sequence[Registration]) -> None:
    programme = await store.programme(service.delivery.reading, programme_id)
    now = await store.registrations(service.delivery.reading, programme_id)
    holding = Counter(r.role for r in now if r.status in HOLDING)
    assert dict(holding) == {role: n for role, n in programme.taken.items() if n}, "what is counted is what there is"
    assert all(holding[role] <= programme.places[role] for role in Role), "never overbooked"
    queue = queue_of(now)
    if programme.has_more(service.delivery.clock.now()):
        # As it is, or after a place that is free has gone to another role as it may.
        moved = after_any_moves(programme)
        assert not any(fits(entry, one) for one in moved for entry in queue), "never idle while somebody waits who fits"
    known = {r.participant_id for r in before}
    came = Counter(r.role for r in now if r.participant_id not in known and r.status in HOLDING)
    assert not came or all(entry.wants != came for entry in queue_of(before) if entry in queue), "no newcomer passes"
    # What somebody waited for is what they got: of a pair of which one left, the other's place only.
    waited = {id: entry.ticket for entry in queue_of(before) for id in entry.participant_ids}
    promoted: dict[int, Counter[Role]] = {}
    for r in now:
        if r.participant_id in waited and r.status in HOLDING:
            promoted.setdefault(waited[r.participant_id], Counter())[r.role] += 1
    for ahead in queue:
        passed = [wants for ticket, wants in promoted.items() if ticket > ahead.ticket]
        assert ahead.wants not in passed, "order kept"
    pairs: dict[str, set[bool]] = {}
    for r in now:
        if r.pair_id and r.status is not RegistrationStatus.CANCELLED:
            pairs.setdefault(r.pair_id, set()).add(r.status is RegistrationStatus.WAITING)
    assert all(len(states) == 1 for states in pairs.values()), "both have a place or both wait"


ONE, TWO = [("patient", "relative")], [("patient", "relative"), ("relative", "other")]


@pytest.mark.parametrize(
    ("promotion", "ways"), [("at_once", []), ("offer", []), ("at_once", ONE), ("at_once", TWO), ("offer", TWO)]
)
async def test_whatever_happens_the_places_are_right(
    service: Running, promotion: str, ways: list[tuple[str, str]]
) -> None:
    @RARELY
    @given(happenings)
    def try_one(steps: list[tuple[str, Any]]) -> None:
        tried.append(steps)

    # The store is asked from this test's own loop, which a property cannot wait for: draw first, then live it.
    tried: list[list[tuple[str, Any]]] = []
    try_one()
    for steps in tried:
        at = (service.delivery.clock.now() + timedelta(minutes=30)).isoformat()
        releases = [{"at": at, "from_role": own, "to_role": other} for own, other in ways]
        places = {"patient": 2, "relative": 2, "other": 1}
        course = await service.plan(places=places, promotion=promotion, days=1, releases=releases)
        await happen(service, course["programme_id"], steps)


async def test_the_check_sees_a_place_that_nobody_gave_on(service: Running) -> None:
    course = await service.plan(patient=1, relative=0)
    id = course["programme_id"]
    await service.register(course, "Astrid")
    await service.register(course, "Bo")
    before = await store.registrations(service.delivery.reading, id)
    (astrid, _) = before

    async def forget_the_queue(tx: Transaction) -> None:
        programme = await store.programme(tx, id)
        await registering.end(tx, programme, astrid, service.settings.zone, CancellationReason.OWN)

    await service.delivery.transact(forget_the_queue)
    with pytest.raises(AssertionError, match="never idle"):
        await check(service, id, before)
