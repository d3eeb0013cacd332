"""A platform for one story: started in a temporary folder, and removed with it."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from services.cli.play.clock import Progress
from services.cli.sign_in import api_token
from services.cli.where import platform
from shared.embedded.children import LOOPBACK, Child, EmbeddedError, free_port, spawn

READY_SECONDS = 90


@contextmanager
def own_platform(say: Progress) -> Iterator[tuple[str, str]]:
    """Its address and a staff token, for as long as the context lasts. Use it in the main thread.

    Raises:
        EmbeddedError: it cannot be started.
    """
    say("A platform is started for the story")
    folder = Path(tempfile.mkdtemp(prefix="motesplats-play-"))
    port = free_port()
    try:
        data = folder / "data"
        options = ["--no-demo", "--data", str(data), "--port", str(port)]
        command = [sys.executable, "-m", "services.cli", "up", *options]
        child = spawn("platform", command, port=port, log=folder / "platform.log")
        try:
            _wait_until_ready(child)
            yield f"http://{LOOPBACK}:{port}", api_token(platform(data).secret_key)
        finally:
            child.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(child: Child) -> None:
    end = time.monotonic() + READY_SECONDS
    while True:
        # It listens before it can answer; if it has ended this says why.
        child.wait_until_it_listens()
        try:
            if httpx.get(f"http://{child.address}/health/ready", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > end:
            raise EmbeddedError(f"the platform was not ready within {READY_SECONDS} seconds")
        time.sleep(0.1)
