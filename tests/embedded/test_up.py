"""`motesplats up` and the commands that look at a running platform."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.cli import demo
from tests.embedded.test_pair import until_gone
from tests.platforms import ROOT, Platform, command, started


def children_of(process: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def plan(platform: Platform, title: str = "Vardagskraft") -> str:
    course = demo.open_course(datetime.now(UTC)) | {"title": title}
    answer = httpx.post(f"{platform.url}/api/registration/programmes", json=course, headers=platform.staff, timeout=30)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["programme_id"])


def titles(platform: Platform) -> list[str]:
    return [one["title"] for one in httpx.get(f"{platform.url}/api/registration/programmes", timeout=30).json()]


def known_to_evaluation(platform: Platform, programme_id: str) -> bool:
    path = f"{platform.url}/api/evaluation/programmes/{programme_id}/results"
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if httpx.get(path, headers=platform.staff, timeout=30).status_code == 200:
            return True
        time.sleep(0.1)
    return False


def test_what_was_planned_survives_kill_9_and_ctrl_c_ends_without_a_word(used: Path) -> None:
    with started(used, "--no-demo") as platform:
        programme_id = plan(platform)
        children = children_of(platform.process.pid)
        assert len(children) == 2
        platform.process.kill()
        platform.process.wait()
        assert until_gone(children)
    with started(used, "--no-demo") as platform:
        assert titles(platform) == ["Vardagskraft"]
        # The broker has forgotten everything: it was fed with what had not been consumed.
        assert known_to_evaluation(platform, programme_id)
        children = children_of(platform.process.pid)
        platform.process.send_signal(signal.SIGINT)
        assert platform.process.wait(30) == 0
        assert until_gone(children, within=0.5)
        said = (used.parent / "data.output").read_text()
    assert "Traceback" not in said
    assert said.rstrip().endswith(f"motesplats sign-in --data {used}")
    assert not (used / "running.json").exists()


def test_a_child_that_dies_stops_the_platform_with_one_line(used: Path) -> None:
    output = used.parent / "data.output"
    with started(used, "--no-demo") as platform:
        before = len(output.read_text())
        store = next(
            child
            for child in children_of(platform.process.pid)
            if "secantus" in Path(f"/proc/{child}/cmdline").read_text()
        )
        os.kill(store, signal.SIGKILL)
        assert platform.process.wait(20) == 1
    (line,) = output.read_text()[before:].strip().splitlines()
    assert line.startswith("the embedded store ended (signal 9; its log:")
    assert line.endswith("nothing that was saved is lost: start again with the same command")


def test_a_folder_in_use_and_a_port_that_is_taken_are_one_line_each(platform: Platform, tmp_path: Path) -> None:
    locked = command("up", "--data", str(platform.data), "--port", "0")
    assert locked.returncode == 1
    assert locked.stderr == (
        f"the data folder {platform.data} is already in use by process {platform.process.pid}; "
        "stop it or choose another with --data\n"
    )
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        taken = command("up", "--data", str(tmp_path / "data"), "--port", str(port))
    assert taken.returncode == 1
    assert taken.stderr == f"port {port} is taken; choose another: --port {port + 1}, or make run PORT={port + 1}\n"


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({"MONGODB_URI": "mongodb://127.0.0.1:1"}, "KAFKA_BOOTSTRAP_SERVERS"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, "MONGODB_URI"),
    ],
)
def test_half_of_the_addresses_names_the_other_half(environment: dict[str, str], missing: str, tmp_path: Path) -> None:
    said = command("up", "--data", str(tmp_path / "data"), environment=environment)
    assert said.returncode == 2
    assert f"{missing} is not; set both, or neither" in said.stderr
    assert said.stderr.count("\n") == 1


def test_with_both_addresses_nothing_embedded_starts(tmp_path: Path, given: dict[str, Any]) -> None:
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": given["kafka_bootstrap_servers"],
        "KAFKA_ASSIGN_PARTITIONS": "1",
        "KAFKA_IDEMPOTENT": "0",
        "KAFKA_PARTITIONS": "1",
        "KAFKA_REPLICATION": "1",
        "MONGODB_URI": given["mongodb_uri"],
        "MONGODB_PREFIX": given["mongodb_prefix"],
        "MOTESPLATS_TRIAL": "1",
    }
    data = tmp_path / "data"
    arguments = [sys.executable, "-m", "services.cli", "up", "--data", str(data), "--port", "0"]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, **environment}
    ) as process:
        try:
            assert process.stdout
            said = []
            for line in process.stdout:
                said.append(line)
                if "Ctrl-C" in line:
                    break
            assert children_of(process.pid) == []
            password = given["mongodb_uri"].partition("@")[0].rpartition(":")[2]
            assert password not in "".join(said)
            assert command("clock", "--data", str(data)).returncode == 0
        finally:
            process.terminate()
    assert not (data / "store").exists()


def test_an_interrupted_first_start_is_begun_anew(used: Path) -> None:
    key, password = (used / "secret.key", used / "store.password")
    key.write_text("a key that signs links, and stays")
    before = password.read_text()
    (used / "demo").write_text("loading")
    with started(used, "--no-demo") as platform:
        assert titles(platform) == []
        assert key.read_text() == "a key that signs links, and stays"
        # A store of its own, with a password of its own.
        assert password.read_text() != before
    said = (used.parent / "data.output").read_text()
    assert "The first start was interrupted: its unfinished platform is made anew." in said
    assert (used / "demo").read_text().strip() == "not wanted"


def test_the_clock_is_shown_and_moves_forward_only(platform: Platform) -> None:
    before = datetime.fromisoformat(command("clock", "--data", str(platform.data)).stdout.strip())
    moved = command("clock", "+2h", "--data", str(platform.data))
    after = datetime.fromisoformat(moved.stdout.strip())
    assert timedelta(hours=2) <= after - before < timedelta(hours=2, minutes=5)
    plan(platform)
    refused = command("clock", "2001-01-01T12:00", "--data", str(platform.data))
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    nonsense = command("clock", "yesterday", "--data", str(platform.data))
    assert nonsense.returncode == 2
    assert nonsense.stderr.startswith("yesterday is no time; write one such as")


def test_a_sign_in_link_signs_in_once_and_a_token_opens_the_api(platform: Platform) -> None:
    link = command("sign-in", "--data", str(platform.data)).stdout.strip()
    assert link.startswith(f"{platform.url}/sign-in/")
    with httpx.Client(timeout=30) as browser:
        assert browser.get(link).status_code == 200
        assert browser.post(link).headers["location"].endswith("/staff")
        assert browser.get(f"{platform.url}/staff").status_code == 200
    assert httpx.post(link, timeout=30).status_code == 410
    token = command("sign-in", "--token", "--data", str(platform.data)).stdout.strip()
    path = f"{platform.url}/api/registration/clock"
    assert httpx.get(path, headers={"Authorization": f"Bearer {token}"}, timeout=30).status_code == 200
    assert httpx.get(path, timeout=30).status_code == 401


def test_tail_prints_public_events_as_json_lines(platform: Platform) -> None:
    programme_id = plan(platform)
    seen: list[dict[str, Any]] = []
    limit = 0
    while programme_id not in [event["subject"] for event in seen]:
        limit += 1
        arguments = ["--topic", "programme-planned", "--from-start", "--limit", str(limit)]
        said = command("tail", *arguments, "--data", str(platform.data), timeout=20)
        seen = [json.loads(line) for line in said.stdout.splitlines()]
    event = seen[-1]
    assert event["type"] == "motesplats.programme-planned.v1"
    assert event["data"]["programme_id"] == programme_id
    private = command("tail", "--topic", "attendance-recorded", "--data", str(platform.data))
    assert private.returncode == 2
    assert private.stderr.startswith("no public topic is called attendance-recorded; there are: programme-planned, ")


def test_commands_say_when_no_platform_runs(tmp_path: Path) -> None:
    for name in ("clock", "sign-in", "tail"):
        said = command(name, "--data", str(tmp_path))
        assert said.returncode == 1
        assert said.stderr.startswith(
            f"no platform is running on the data folder {tmp_path}; start it with `motesplats up`"
        )


@pytest.mark.parametrize("name", ["up", "play", "sign-in", "clock", "tail", "serve"])
def test_every_command_explains_itself(name: str) -> None:
    said = command(name, "--help")
    assert said.returncode == 0
    assert "Example" in said.stdout or name == "play"


async def test_a_service_runs_alone(given: dict[str, Any]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": given["kafka_bootstrap_servers"],
        "KAFKA_ASSIGN_PARTITIONS": "1",
        "KAFKA_IDEMPOTENT": "0",
        "KAFKA_PARTITIONS": "1",
        "MONGODB_URI": given["mongodb_uri"],
        "MONGODB_PREFIX": given["mongodb_prefix"],
        "MOTESPLATS_SECRET_KEY": given["secret_key"],
        "PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "services.registration"),
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout
        async with asyncio.timeout(30), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            async for line in process.stdout:
                if json.loads(line)["event"] == "ready":
                    break
            for _ in range(100):
                try:
                    live = await client.get("/health/live")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.1)
            assert live.json() == {"status": "live"}
            assert (await client.get("/health/ready")).json() == {"status": "ready"}
    finally:
        process.terminate()
        assert await process.wait() in (0, -signal.SIGTERM)
