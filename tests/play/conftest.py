"""A platform of its own process, which tests may kill, and small stories to play on it."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from services.cli.sign_in import api_token
from services.cli.where import platform as platform_on
from shared.embedded.children import free_port
from tests.platforms import Platform, started
from tests.play.small import EVENTS, SENT, STORY

YEARS = count(2025)


class Fragile:
    """A platform on one data folder and port, to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self._port = free_port()
        self._log = folder / "up.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    @property
    def token(self) -> str:
        """Of a coordinator."""
        return api_token(platform_on(self.data).secret_key)

    def start(self) -> None:
        """Start it and return at once."""
        command = [sys.executable, "-m", "services.cli", "up", "--no-demo"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--data", str(self.data), "--port", str(self._port)], stdout=log, stderr=log
            )

    def wait(self) -> None:
        """Return when it is ready."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self._process is not None
            assert self._process.poll() is None, self._log.read_text()
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health/ready").is_success:
                    return
            time.sleep(0.1)
        raise AssertionError(f"the platform is not ready: {self._log.read_text()}")

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform that the stories of several tests share, each set in a year of its own."""
    with started(tmp_path_factory.mktemp("house") / "data", "--no-demo") as running:
        yield running


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Fragile]:
    """A platform for one test, which may kill it."""
    found = Fragile(tmp_path)
    found.start()
    try:
        found.wait()
        yield found
    finally:
        found.kill()


@pytest.fixture
def small_story() -> str:
    """A course of two evenings with every kind of step, in a year that no other test uses."""
    return STORY.format(year=next(YEARS))


@pytest.fixture
def what_it_sends() -> dict[str, int]:
    """The messages of the small story, by kind."""
    return dict(SENT)


@pytest.fixture
def what_it_publishes() -> dict[str, int]:
    """The events of the small story whose number is certain, by topic."""
    return dict(EVENTS)


class LossyRoad:
    """Between a player and a platform: every n-th change arrives, but its answer is lost."""

    def __init__(self, target: Platform, every: int) -> None:
        self._target, self._every = urlsplit(target.url), every
        self._changes = 0
        self.lost = 0
        self.url = ""

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            request = await request_from(reader)
            there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
            back.write(request)
            answer = await there.read()
            back.close()
            if not self._loses(request):
                writer.write(answer)
        writer.close()

    def _loses(self, request: bytes) -> bool:
        if request.startswith(b"GET "):
            return False
        self._changes += 1
        lost = self._changes % self._every == 0
        self.lost += lost
        return lost

    async def __aenter__(self) -> "LossyRoad":
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()


async def request_from(reader: asyncio.StreamReader) -> bytes:
    """A whole request as it can be sent on, the connection to end with the answer.

    Raises:
        IncompleteReadError: whoever opened the connection closed it again.
    """
    head = await reader.readuntil(b"\r\n\r\n")
    return _without_keep_alive(head) + await reader.readexactly(_length(head))


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def _without_keep_alive(head: bytes) -> bytes:
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines[:-2], b"Connection: close", b"", b""])


@pytest.fixture
def lossy_road(house: Platform) -> Callable[[int], LossyRoad]:
    """Make a road to the shared platform that loses every n-th answer to a change."""
    return lambda every: LossyRoad(house, every)
