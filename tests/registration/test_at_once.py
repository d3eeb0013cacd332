"""Many who register at the same moment: as one after the other, and in a few transactions."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motesplats_events import RegistrationStatus, Role
from services.registration import store
from services.registration.domain.registrations import positions
from services.registration.use_cases import registering
from services.registration.use_cases.at_once import MOST_TOGETHER, at_once
from services.registration.use_cases.registering import Application
from shared.delivery import Transaction
from shared.errors import DomainError
from tests.registration.conftest import Running

RARELY = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

role = st.sampled_from(["patient", "relative"])
# Alone, or with somebody; two of them are registered already.
wanted = st.lists(st.tuples(role, st.one_of(st.none(), role), st.integers(0, 11)), min_size=2, max_size=12)
shapes: dict[str, dict[str, Any]] = {
    "course": {"patient": 3, "relative": 2},
    "group": {"patient": 6, "relative": 4, "kind": "self_help_group", "minimum": 2, "optimum": 4},
    "call": {"patient": 3, "relative": 3, "kind": "standing_call"},
}


def application(role: str, other: str | None, number: int) -> Application:
    person: dict[str, Any] = {
        "role": role,
        "name": f"Person {number}",
        "email": f"p{number}@example.org",
        "consent": True,
    }
    if other:
        person["companion"] = {"role": other, "name": f"Companion {number}"}
    return Application.model_validate(person)


async def stand(service: Running, programme_id: str) -> dict[str, Any]:
    """Who has what: all that differs from person to person."""
    found = await store.registrations(service.delivery.reading, programme_id)
    people = await store.people(service.delivery.reading, [one.person_id for one in found])
    told = {
        row["key"]: json.loads(row["value"])["position"]
        for row in await service.announced("participant-registered")
        if row["key"] in {one.participant_id for one in found}
    }
    queue = positions(found)
    programme = await store.programme(service.delivery.reading, programme_id)
    pairs: dict[str, set[str]] = {}
    for one in found:
        if one.pair_id:
            pairs.setdefault(one.pair_id, set()).add(people[one.person_id].name)
    return {
        "taken": programme.taken,
        "pairs": sorted(map(sorted, pairs.values())),
        **{
            people[one.person_id].name: (
                one.role,
                one.status,
                one.ticket,
                one.repeated,
                queue.get(one.participant_id),
                one.starts_on,
                told[one.participant_id],
            )
            for one in found
        },
    }


@pytest.mark.parametrize("shape", shapes)
async def test_at_once_is_as_one_after_the_other(service: Running, shape: str) -> None:
    @RARELY
    @given(wanted)
    def draw(them: list[tuple[str, str | None, int]]) -> None:
        drawn.append(them)

    drawn: list[list[tuple[str, str | None, int]]] = []
    draw()
    for them in drawn:
        await _try(service, shape, list({n: application(role, other, n) for role, other, n in them}.values()))


async def _try(service: Running, shape: str, applications: Sequence[Application]) -> None:
    zone = service.settings.zone
    first, second = [(await service.plan(**shapes[shape]))["programme_id"] for _ in range(2)]
    here_before = [application("patient", None, number) for number in range(2)]
    for programme_id, them in ((first, [*here_before, *applications]), (second, here_before)):
        for one in them:
            await service.delivery.transact(
                partial(registering.register_participant, programme_id=programme_id, application=one, zone=zone)
            )
    stored = await service.delivery.transact(
        lambda tx: registering.register_participants(tx, second, applications, zone)
    )
    assert await stand(service, second) == await stand(service, first)
    assert len(stored) == len(applications)


async def test_a_place_that_goes_to_another_role_goes_to_who_came_first_of_several_at_once(service: Running) -> None:
    day = (service.delivery.clock.now() + timedelta(days=7)).isoformat()
    release = {"at": day, "from_role": "patient", "to_role": "relative"}
    course = await service.plan(patient=2, relative=0, releases=[release])
    for name in ("Astrid", "Bo"):
        await service.register(course, name)
    service.later(days=8)
    await service.due()
    token = service.link((await service.named(course, "Astrid"))["participant_id"])
    await service.http.post("/api/registration/cancellations", json={"token": token})
    coming = [application("relative", None, 1), application("patient", None, 2)]
    id, zone = course["programme_id"], service.settings.zone
    await service.delivery.transact(lambda tx: registering.register_participants(tx, id, coming, zone))
    after = await service.statuses(course)
    assert (after["Person 1"], after["Person 2"]) == ("confirmed", "waiting")


async def test_a_crowd_takes_a_few_transactions_and_the_places_that_there_are(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = await service.plan(patient=5, relative=0)
    transactions = 0
    real = service.delivery.transact

    async def counting(work: Any, **options: Any) -> Any:
        nonlocal transactions
        done = await real(work, **options)
        transactions += bool(done)
        return done

    monkeypatch.setattr(service.delivery, "transact", counting)
    register = at_once(service.delivery, service.settings)
    number = 2 * MOST_TOGETHER + 10
    await asyncio.gather(*(register(course["programme_id"], application("patient", None, n)) for n in range(number)))
    found = await store.registrations(service.delivery.reading, course["programme_id"])
    confirmed = [one for one in found if one.status is RegistrationStatus.CONFIRMED]
    queue = sorted(one.ticket for one in found if one.ticket)
    assert len(confirmed) == 5
    assert queue == list(range(1, number - 4))
    assert transactions <= 6, "not one for each"


async def test_who_cannot_be_taken_harms_nobody_who_came_at_the_same_moment(service: Running) -> None:
    course = await service.plan(patient=9, relative=0)
    register = at_once(service.delivery, service.settings)
    came = [
        application("patient", None, 1),
        application("relative", None, 2),
        application("patient", None, 3),
        # The same person twice.
        application("patient", None, 3),
        application("patient", None, 4),
    ]
    answers = await asyncio.gather(*(register(course["programme_id"], one) for one in came), return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None), DomainError, *[type(None)] * 3]
    found = await stand(service, course["programme_id"])
    assert {name for name in found if name.startswith("Person")} == {"Person 1", "Person 3", "Person 4"}
    assert found["Person 3"][3] == 1, "told that they are already registered"
    assert found["taken"][Role.PATIENT] == 3


async def test_one_that_is_refused_costs_nobody_their_turn(service: Running) -> None:
    course = await service.plan(patient=3, relative=0)
    register = at_once(service.delivery, service.settings)
    # The first has the lock; the next leads all the others, one of whom cannot be taken.
    came = [application("relative" if n == 5 else "patient", None, n) for n in range(20)]
    answers = await asyncio.gather(*(register(course["programme_id"], one) for one in came), return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if answer is not None] == [5]
    found = await store.registrations(service.delivery.reading, course["programme_id"])
    people = await store.people(service.delivery.reading, [one.person_id for one in found])
    in_turn = sorted(found, key=lambda one: one.ticket or 0)
    assert {people[one.person_id].name for one in in_turn[:3]} == {"Person 0", "Person 1", "Person 2"}
    assert [people[one.person_id].name for one in in_turn[3:]] == [f"Person {n}" for n in range(3, 20) if n != 5]


async def test_who_does_not_wait_for_the_answer_leaves_the_others_where_they_were(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = await service.plan(patient=9, relative=0)
    register = at_once(service.delivery, service.settings)
    begun, real = asyncio.Event(), registering.register_participants

    async def slowly(tx: Transaction, *given: Any, **options: Any) -> Any:
        begun.set()
        await asyncio.sleep(0.1)
        return await real(tx, *given, **options)

    monkeypatch.setattr("services.registration.use_cases.at_once.register_participants", slowly)

    async def one(number: int) -> None:
        await register(course["programme_id"], application("patient", None, number))

    first, gone, last = (asyncio.create_task(one(n)) for n in range(3))
    await begun.wait()
    gone.cancel()
    await asyncio.gather(first, last)
    await asyncio.gather(gone, return_exceptions=True)
    assert set(await service.statuses(course)) >= {"Person 0", "Person 2"}

    begun.clear()
    leaves, stays = (asyncio.create_task(one(n)) for n in (3, 4))
    await begun.wait()
    leaves.cancel()
    await stays
    assert (await service.statuses(course))["Person 4"] == "confirmed"
