"""The service that docs/partners.md shows, run as it stands there."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from motor.motor_asyncio import AsyncIOMotorClient

from motesplats_events import ParticipantRegistered, RegistrationStatus, Role
from tests.delivery.conftest import send, until
from tests.platforms import ROOT

PAGE = ROOT / "docs" / "partners.md"


def shown() -> str:
    """The code on the page."""
    (code,) = re.findall(r"```python\n(\"\"\"Counts.*?)```", PAGE.read_text(), re.DOTALL)
    return str(code)


def test_it_has_fewer_than_thirty_lines() -> None:
    assert 10 < len(shown().splitlines()) < 30


@pytest.fixture
def partner(given: dict[str, Any], tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The service as a process of its own."""
    program = tmp_path / "counts.py"
    program.write_text(shown())
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'shared' / 'events'}",
        "KAFKA_BOOTSTRAP_SERVERS": given["kafka_bootstrap_servers"],
        "KAFKA_ASSIGN_PARTITIONS": str(int(given["kafka_assign_partitions"])),
        "KAFKA_IDEMPOTENT": str(int(given["kafka_idempotent"])),
        "KAFKA_PARTITIONS": str(given["kafka_partitions"]),
        "MONGODB_URI": given["mongodb_uri"],
        "MONGODB_PREFIX": given["mongodb_prefix"],
        "MOTESPLATS_SECRET_KEY": "a key of the partner's own, 32 characters",
    }
    with subprocess.Popen([sys.executable, str(program)], env=environment, cwd=tmp_path) as process:
        yield process
        process.kill()


@pytest.mark.usefixtures("partner")
async def test_it_counts_each_registration_once(
    store: AsyncIOMotorClient[dict[str, Any]], given: dict[str, Any], producer: AIOKafkaProducer
) -> None:
    here, there = f"Umeå {uuid4().hex}", f"Aarhus {uuid4().hex}"
    counts = store[f"{given['mongodb_prefix']}_partner_counts"].counts
    twice = str(uuid4())
    for municipality, id in ((here, twice), (there, str(uuid4())), (here, twice), (here, str(uuid4()))):
        await send(producer, registered(municipality), 1, id=id)

    async def counted() -> bool:
        rows = {row["_id"]: row["n"] async for row in counts.find({"_id": {"$in": [here, there]}})}
        return rows == {here: 2, there: 1}

    await until(counted, within=40)
    await asyncio.sleep(0.3)
    assert await counted()


def registered(municipality: str) -> ParticipantRegistered:
    return ParticipantRegistered(
        participant_id=str(uuid4()),
        programme_id="p",
        role=Role.PATIENT,
        status=RegistrationStatus.CONFIRMED,
        organiser="o",
        municipality=municipality,
    )
