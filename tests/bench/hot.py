"""One session that everybody wants: 50 places, and registrations all at once over HTTP.

Beside a bare FastAPI route that does one durable transactional write on the same store, asked by the same clients.
pretix publishes a ceiling of about 500 orders a minute for one event (its scaling guide): 8.3 a second.
"""

import asyncio
import os
import resource
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any, TypeAlias

import httpx

from shared import mongo
from shared.access import Staff, StaffRole, staff_token
from shared.embedded.children import free_port
from shared.settings import Settings
from tests.bench.machine import _until_ready
from tests.platforms import ROOT

PLACES = 50
CLIENTS = 50
PRETIX_PER_S = 500 / 60
# When each asked and was answered, in seconds.
Times: TypeAlias = Mapping[int, tuple[float, float]]


async def hot_session_per_s(settings: Settings, number: int) -> dict[str, float]:
    """Registrations a second when all come at once, and how many places were given twice.

    Then as many once more from a few clients that ask again and again, and how many were let past somebody who came
    earlier: whose answer was there before the other asked.
    """
    overbooked = 0
    with served(settings, "services.registration", "hot") as url:
        db = mongo.connect(settings.model_copy(update={"mongodb_prefix": "hot"}), "registration")
        for first, clients in ((0, number), (number, CLIENTS)):
            programme_id = await _planned(settings, url)
            per_s, when = await _registering(url, programme_id, range(first, first + number), clients)
            stands = await _standing(db, programme_id)
            assert len(stands) == number, f"{len(stands)} of {number} are stored"
            overbooked += max(0, sum(not place for place in stands.values()) - PLACES)
            if clients == number:
                at_once = per_s
        out_of_turn = _passed([(*times, stands[_person(i)["email"]]) for i, times in when.items()])
        await db.client.drop_database(db.name)
        mongo.close(db)
    return {
        "per_s": round(at_once, 1),
        "overbooked": overbooked,
        "out_of_turn": out_of_turn,
        f"per_s_of_{CLIENTS}_clients": round(per_s, 1),
        "pretix_per_s": round(PRETIX_PER_S, 1),
    }


async def _standing(db: mongo.Database, programme_id: str) -> dict[str, int]:
    """Where everybody stands in the queue, by address; 0 with a place."""
    rows = await db.registrations.find({"programme_id": programme_id}).to_list(None)
    emails = {row["_id"]: row["email"] async for row in db.people.find({}, {"email": 1})}
    stands = {emails[row["person_id"]]: row["ticket"] if row["status"] == "waiting" else 0 for row in rows}
    tickets = sorted(place for place in stands.values() if place)
    assert tickets == list(range(1, len(tickets) + 1))
    return stands


def _passed(people: Sequence[tuple[float, float, int]]) -> int:
    """How many stand before somebody who had been answered when they asked.

    Args:
        people: when each asked and was answered, and where they stand.
    """
    answered = sorted((answer, stands) for _, answer, stands in people)
    passed, there, last = 0, 0, 0
    for asked, _, stands in sorted(people):
        while answered[there][0] < asked:
            last = max(last, answered[there][1])
            there += 1
        passed += stands < last
    return passed


async def hot_session_vs_bare(settings: Settings, number: int, rounds: int) -> dict[str, float]:
    """The same registrations, beside a route that only writes; a process each, one after the other."""
    ours, bare = [], []
    for n in range(rounds):
        with served(settings, "services.registration", f"hot{n}") as url:
            ours.append((await _registering(url, await _planned(settings, url), range(number)))[0])
        with served(settings, "tests.bench.bare", f"bare{n}") as url:
            bare.append((await _asked(range(number), lambda http, i, at=url: http.post(f"{at}/", json=_person(i))))[0])
        for name in (f"hot{n}_registration", f"bare{n}_bare"):
            db = mongo.connect(settings, "any").client
            await db.drop_database(name)
            db.close()
    return {
        "ratio": round(median(ours) / median(bare), 2),
        "ours_per_s": round(median(ours), 1),
        "other_per_s": round(median(bare), 1),
    }


@contextmanager
def served(settings: Settings, module: str, prefix: str) -> Iterator[str]:
    """A service in a process of its own; its address."""
    port = free_port()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # A file for each connection, here and in the service.
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    environment = {
        **os.environ,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "KAFKA_ASSIGN_PARTITIONS": str(int(settings.kafka_assign_partitions)),
        "KAFKA_IDEMPOTENT": str(int(settings.kafka_idempotent)),
        "KAFKA_PARTITIONS": str(settings.kafka_partitions),
        "KAFKA_REPLICATION": "1",
        "MONGODB_URI": settings.mongodb_uri.get_secret_value(),
        "MONGODB_PREFIX": prefix,
        "MOTESPLATS_SECRET_KEY": settings.secret_key.get_secret_value(),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
    }
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(
        [sys.executable, "-m", module], env=environment, cwd=ROOT, stdout=nowhere, stderr=nowhere
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _until_ready(url)
        yield url
    finally:
        process.kill()
        process.wait()


async def _planned(settings: Settings, url: str) -> str:
    first = datetime.now(UTC) + timedelta(days=30)
    plan = {
        "title": "What everybody wants",
        "organiser": "The region",
        "place": {"name": "The hall", "municipality": "Jönköping"},
        "places": {"patient": PLACES},
        "sessions": [{"at": first.isoformat(), "theme": "The one"}],
    }
    token = staff_token(settings, Staff("Kim", StaffRole.COORDINATOR, ("*",)))
    async with httpx.AsyncClient(timeout=60) as http:
        headers = {"authorization": f"Bearer {token}"}
        answer = await http.post(f"{url}/api/registration/programmes", json=plan, headers=headers)
        answer.raise_for_status()
        return str(answer.json()["programme_id"])


def _person(i: int) -> dict[str, Any]:
    return {"role": "patient", "name": f"Person {i}", "email": f"person{i}@example.org", "consent": True}


async def _registering(
    url: str, programme_id: str, people: Sequence[int], clients: int = CLIENTS
) -> tuple[float, Times]:
    address = f"{url}/api/registration/programmes/{programme_id}/registrations"
    return await _asked(people, lambda http, i: http.post(address, json=_person(i)), clients)


async def _asked(
    people: Sequence[int],
    ask: Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]],
    clients: int = CLIENTS,
) -> tuple[float, Times]:
    """Requests a second, from so many clients at once, each with a connection; when each asked and was answered.

    Each has a pool of its own: one for all looks through all its connections at every answer, which takes more than the
    service takes to give one.
    """
    numbers = iter(people)
    when: dict[int, tuple[float, float]] = {}

    async def client(http: httpx.AsyncClient) -> None:
        for i in numbers:
            asked = perf_counter()
            answer = await ask(http, i)
            when[i] = asked, perf_counter()
            answer.raise_for_status()

    # Nothing is encrypted here; without one for all, each client would read the certificates.
    encrypted = ssl.create_default_context()
    async with AsyncExitStack() as stack:
        pools = [
            await stack.enter_async_context(httpx.AsyncClient(timeout=300, verify=encrypted)) for _ in range(clients)
        ]
        started = perf_counter()
        await asyncio.gather(*map(client, pools))
        return len(people) / (perf_counter() - started), when
