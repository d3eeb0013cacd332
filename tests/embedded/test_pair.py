"""The embedded broker and store: they start, keep what they are given, and never outlive who started them."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from shared.embedded import Addresses, DataFolder, EmbeddedError, EmbeddedPair
from shared.embedded import children as children_module
from shared.embedded.children import Child, free_port, spawn

PARENT = """
import json, sys, time
from pathlib import Path
from shared.embedded import DataFolder, EmbeddedPair

folder = DataFolder.open(Path(sys.argv[1]))
pair = EmbeddedPair.start(folder)
pair.wait()
print(json.dumps([child.pid for child in pair.children.values()]), flush=True)
time.sleep(600)
"""


def is_alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        # The second, when it ends between the opening and the reading.
        return False
    # A zombie has ended; only its entry waits for whoever inherits it.
    return "State:\tZ" not in status


def until_gone(processes: list[int], within: float = 5) -> bool:
    end = time.monotonic() + within
    while any(is_alive(process) for process in processes):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    opened = DataFolder.open(tmp_path / "data")
    yield opened
    opened.close()


def test_the_store_asks_for_its_password_and_keeps_transactions_over_a_restart(folder: DataFolder) -> None:
    pair = EmbeddedPair.start(folder)
    try:
        addresses = pair.wait()
        with (
            MongoClient[dict[str, object]](addresses.mongodb_uri) as client,
            client.start_session() as session,
            session.start_transaction(),
        ):
            client.shop.things.insert_one({"_id": "kept"}, session=session)
        nobody = f"mongodb://{pair.children['store'].address}/?directConnection=true"
        with MongoClient[dict[str, object]](nobody) as client, pytest.raises(OperationFailure, match="authentication"):
            client.shop.things.find_one()
    finally:
        pair.stop()
    assert stat.S_IMODE((folder.path / "store.password").stat().st_mode) == 0o600
    again = EmbeddedPair.start(folder)
    try:
        with MongoClient[dict[str, object]](again.wait().mongodb_uri) as client:
            assert client.shop.things.find_one() == {"_id": "kept"}
    finally:
        again.stop()


def test_both_listen_on_loopback_only(embedded: Addresses) -> None:
    for address in (embedded.kafka_bootstrap_servers, embedded.mongodb_uri.rpartition("@")[2].partition("/")[0]):
        port = int(address.rpartition(":")[2])
        listening = [
            line.split()[1].partition(":")[0]
            for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
            if line.split()[3] == "0A" and int(line.split()[1].partition(":")[2], 16) == port
        ]
        assert listening == ["0100007F"]


def test_kill_9_of_the_parent_leaves_no_child_and_the_folder_free(used: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(used)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )
    assert parent.stdout
    children: list[int] = json.loads(parent.stdout.readline())
    with pytest.raises(EmbeddedError, match=rf"already in use by process {parent.pid}; stop it or choose another"):
        DataFolder.open(used)
    assert len(children) == 2
    assert all(is_alive(child) for child in children)
    parent.kill()
    parent.wait()
    DataFolder.open(used).close()
    assert until_gone(children)
    parent.stdout.close()


@pytest.mark.parametrize("supervised", [False, True])
def test_a_child_ends_when_it_is_stopped(tmp_path: Path, supervised: bool) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    child = spawn("web server", command, port=port, log=tmp_path / "log", supervised=supervised)
    child.wait_until_it_listens()
    child.stop()
    assert child.ended()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_supervisor_ends_its_child_when_the_parent_dies(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from shared.embedded.children import spawn\n"
        "spawn('sleeper', [sys.executable, '-c', 'import os, time; print(os.getpid(), flush=True); time.sleep(600)'],"
        f" port=0, log=Path({str(tmp_path / 'log')!r}), supervised=True)\n"
        "time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while not (said := (tmp_path / "log").read_text() if (tmp_path / "log").exists() else "").endswith("\n"):
        assert time.monotonic() < end
        time.sleep(0.02)
    sleeper = int(said)
    assert is_alive(sleeper)
    parent.kill()
    parent.wait()
    assert until_gone([sleeper])


def test_a_missing_program_says_how_to_get_it(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALF_TANSU_BIN", str(folder.path / "nothing"))
    with pytest.raises(EmbeddedError, match=r"program is missing .* install it with `make setup`"):
        EmbeddedPair.start(folder)


def test_a_wrong_program_is_named_with_its_log(used_folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    program = used_folder.path / "tansu"
    program.write_text("#!/bin/sh\necho cannot open shop\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setenv("CALF_TANSU_BIN", str(program))
    pair = EmbeddedPair.start(used_folder)
    with pytest.raises(EmbeddedError) as raised:
        pair.wait()
    assert "embedded broker ended at once (exit code 3: cannot open shop)" in str(raised.value)
    assert str(used_folder.path / "broker.log") in str(raised.value)
    assert "\n" not in str(raised.value)
    assert all(child.ended() for child in pair.children.values())


def test_a_port_that_is_taken_in_between_is_changed_for_another(
    used_folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        ports = iter([taken, taken])
        monkeypatch.setattr("shared.embedded.pair.free_port", lambda: next(ports, None) or free_port())
        pair = EmbeddedPair.start(used_folder)
        try:
            addresses = pair.wait()
            assert str(taken) not in addresses.kafka_bootstrap_servers + addresses.mongodb_uri
            with MongoClient[dict[str, object]](addresses.mongodb_uri) as client:
                assert client.admin.command("ping")["ok"] == 1
        finally:
            pair.stop()


def test_a_store_whose_files_are_in_use_says_so_in_one_line(used_folder: DataFolder) -> None:
    pair = EmbeddedPair.start(used_folder)
    try:
        pair.wait()
        second = EmbeddedPair.start(used_folder)
        with pytest.raises(EmbeddedError, match="files in use by another process") as raised:
            second.wait()
        assert "Traceback" not in str(raised.value)
        assert "\n" not in str(raised.value)
    finally:
        pair.stop()


async def test_a_child_that_ends_is_noticed(used_folder: DataFolder) -> None:
    pair = EmbeddedPair.start(used_folder)
    try:
        pair.wait()
        os.kill(pair.children["broker"].pid, signal.SIGKILL)
        dead = await pair.first_to_end()
        assert (dead.name, dead.how_it_ended()) == ("broker", "signal 9")
    finally:
        pair.stop()


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedError, match=r"cannot be written: .*; choose another with --data"):
        DataFolder.open(tmp_path / "file" / "data")


def test_secrets_are_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    first = DataFolder.open(tmp_path / "data")
    key = first.secret_key()
    first.close()
    second = DataFolder.open(tmp_path / "data")
    assert second.secret_key() == key
    assert len(key) >= 32
    second.close()
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "data").iterdir()} == {0o600}


def test_a_large_log_is_moved_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children_module, "LARGEST_LOG", 10)
    log = tmp_path / "some.log"
    log.write_text("much that was said before")
    child: Child = spawn("greeter", [sys.executable, "-c", "print('hello')"], port=0, log=log)
    child.process.wait()
    assert log.read_text() == "hello\n"
    assert (tmp_path / "some.log.1").read_text() == "much that was said before"
