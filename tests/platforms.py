"""Platforms started as people start them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.cli.sign_in import api_token
from services.cli.where import platform as platform_on
from shared.embedded.children import spawn

READY_SECONDS = 120.0
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform.

    Attributes:
        url: without a slash at the end.
        token: of a coordinator of all organisers, for `Authorization: Bearer`.
        data: its data folder.
        process: of the services; the store and broker are its children.
    """

    url: str
    token: str
    data: Path
    process: subprocess.Popen[bytes]

    @property
    def staff(self) -> dict[str, str]:
        """Request headers of somebody who is signed in."""
        return {"Authorization": f"Bearer {self.token}"}


@contextmanager
def started(data: Path, *options: str) -> Iterator[Platform]:
    """`motesplats up` on this data folder and a free port, stopped at the end."""
    command = [sys.executable, "-m", "services.cli", "up", "--data", str(data), "--port", "0", *options]
    log = data.parent / f"{data.name}.output"
    child = spawn("platform", command, port=0, log=log)
    try:
        url = _wait_for(data, child.process, log)
        yield Platform(url, api_token(platform_on(data).secret_key), data, child.process)
    finally:
        child.stop()


def _wait_for(data: Path, process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"the platform ended: {log.read_text()}"
        facts = data / "running.json"
        if facts.exists():
            content = json.loads(facts.read_text())
            if content["process"] == process.pid:
                return str(content["url"])
        time.sleep(0.05)
    raise AssertionError(f"the platform was not ready within {READY_SECONDS:.0f} s: {log.read_text()}")


def command(
    *arguments: str, timeout: float = 90, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `motesplats` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", **(environment or {})},
    )
