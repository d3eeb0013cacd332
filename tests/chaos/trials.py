"""One platform, one fault after the other, each healed and audited."""

import asyncio
import json
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from pymongo.errors import PyMongoError

from services.evaluation.app import build as evaluation
from services.evaluation.settings import Settings as EvaluationSettings
from services.notification.app import build as notification
from services.notification.settings import Settings as NotificationSettings
from services.registration.app import build as registration
from services.registration.settings import Settings as RegistrationSettings
from services.volunteers.app import build as volunteers
from services.volunteers.settings import Settings as VolunteersSettings
from shared import mongo
from tests.chaos.audit import Past, audit
from tests.chaos.faults import CONTROL_FAULTS, FAULTS, Fault
from tests.chaos.findings import Findings
from tests.chaos.house import SERVICES, House
from tests.chaos.load import Ledger, Load

# Then with a new store and broker: what a store has piled up slows every look at it.
TRIALS_A_HOUSE = 20
# How often a control may try before it counts as clean: a fault can miss the moment.
CHANCES = 3
# What the audit must find when this is taken away.
CONTROLS: Mapping[str, str] = {"inbox_off": "doubled", "offsets_first": "lost", "marks_first": "lost"}
Say = Callable[[str], None]


async def run(
    kinds: Sequence[str],
    chance: random.Random,
    folder: Path,
    say: Say,
    note: Callable[[Ledger, Findings, Sequence[str]], None] = lambda *_: None,
) -> tuple[Ledger, Findings, Sequence[str]]:
    """These faults, one after the other, until the first that breaks a promise.

    Args:
        note: given the same as is returned, after each.

    Returns:
        What was acknowledged, what the last audit found, and the faults that were made.

    Raises:
        AssertionError: a fault could not be made, a service did not come back, or the platform refused what nothing
            speaks against.
    """
    total, findings, number = Ledger(), Findings(), 0
    for first in range(0, len(kinds), TRIALS_A_HOUSE):
        house, ledger, past = await _open(folder / str(first), ""), Ledger(), Past()
        try:
            load = Load(house, ledger, random.Random(chance.random()))
            for number, kind in enumerate(kinds[first : first + TRIALS_A_HOUSE], first + 1):
                started, before = monotonic(), ledger.acknowledged
                findings = await _trial(house, load, FAULTS[kind], chance, past)
                done = ledger.acknowledged - before
                took = monotonic() - started
                say(f"{number:>4}/{len(kinds)} {kind:28} {done:>4} acknowledged {took:5.1f} s {_told(findings)}")
                note(total + ledger, findings, kinds[:number])
                if not findings.clean:
                    _show(findings, say)
                    say(f"      the services' logs and what their relays know are in {await _kept(house)}")
                    return total + ledger, findings, kinds[:number]
            total += ledger
        finally:
            await _close(house)
    return total, findings, kinds[:number]


async def control(name: str, chance: random.Random, folder: Path, say: Say) -> Findings:
    """The same audit with a guarantee taken away; it must find something."""
    house, ledger, past = await _open(folder, name), Ledger(), Past()
    try:
        load = Load(house, ledger, random.Random(chance.random()))
        findings = Findings()
        for _ in range(CHANCES):
            findings = await _trial(house, load, CONTROL_FAULTS[name], chance, past)
            say(f"control {name}: {_told(findings)}")
            if getattr(findings, CONTROLS[name]):
                break
        return findings
    finally:
        await _close(house)


async def _trial(house: House, load: Load, fault: Fault, chance: random.Random, past: Past) -> Findings:
    over = asyncio.Event()
    using = asyncio.create_task(load.run(over))
    try:
        await asyncio.sleep(0.5)
        await fault(house, chance)
        await asyncio.sleep(0.5)
    finally:
        over.set()
        await house.heal()
        await using
    assert not load.ledger.refused, f"the platform refused what nothing speaks against: {load.ledger.refused[:3]}"
    return await audit(house, load.ledger, reads(), past)


async def _open(folder: Path, control: str) -> House:
    pair, ports = await asyncio.to_thread(House.pair_with_roads)
    house = House(pair, folder, control)
    try:
        await house.start(ports)
    except BaseException:
        await _close(house)
        raise
    return house


async def _close(house: House) -> None:
    await house.stop()
    await asyncio.to_thread(house.pair.stop)


async def _kept(house: House) -> Path:
    """A copy of what shows how a promise was broken: the logs, and each outbox beside its relay's document."""
    logs = shutil.copytree(house.folder, Path("build") / "chaos-logs", dirs_exist_ok=True)
    for service in SERVICES:
        db = house.delivery(service).db
        # A store that is away is no reason not to say what was found.
        with suppress(PyMongoError):
            rows = await db.outbox.find({}, {"value": 0}).to_list(None)
            relay = await db.leases.find_one({"_id": "relay"})
            (logs / f"{service}.json").write_text(json.dumps({"relay": relay, "rows": rows}, indent=1, default=str))
        mongo.close(db)
    return logs


def reads() -> dict[str, Sequence[str]]:
    """The topics that each service consumes: of the service as it is wired, without the trial clock."""
    given: dict[str, Any] = {
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "mongodb_uri": "mongodb://127.0.0.1:1/?connect=false",
        "secret_key": "of services that are wired and not started",
        "trial": True,
    }
    services = (
        registration(RegistrationSettings(**given)),
        notification(NotificationSettings(**given)),
        evaluation(EvaluationSettings(**given)),
        volunteers(VolunteersSettings(**given)),
    )
    return {service.name: service.delivery.topics for service in services}


def _told(findings: Findings) -> str:
    return ", ".join(f"{n} {name}" for name, n in findings.counts().items() if n) or "clean"


def _show(findings: Findings, say: Say) -> None:
    for lines in (findings.lost, findings.doubled, findings.inverted, findings.parked_unexplained):
        for line in lines[:10]:
            say(f"      {line}")
