"""`motesplats up`: everything on this machine, in one process with two children."""

import asyncio
import errno
import os
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from services.cli.errors import CommandError
from services.cli.first_start import FirstStart
from services.cli.where import DATA, DataOption
from shared.embedded.children import EmbeddedError
from shared.embedded.folder import DataFolder
from shared.embedded.pair import Addresses, EmbeddedPair

LOOPBACK = "127.0.0.1"


def up(
    data: DataOption = DATA,
    port: Annotated[
        int, typer.Option(help="Where the pages are; 0 takes a free one.", envvar="PORT", min=0, max=65535)
    ] = 8080,
    demo: Annotated[bool, typer.Option(help="Load the demo story on the first start.")] = True,
) -> None:
    """Start the four services in one process, with the embedded broker and store: for trying and developing.

    With KAFKA_BOOTSTRAP_SERVERS and MONGODB_URI set, these are used and nothing embedded is started.

    The first start loads the demo: a course of 2025, and one that is open for registration. If it is interrupted,
    the next start throws the unfinished platform away and loads it anew.

    Examples:

    - `motesplats up`
    - `motesplats up --port 9090 --data /tmp/trial --no-demo`
    """
    with ExitStack() as stack:
        try:
            _up(stack, data, port, demo)
        except EmbeddedError as error:
            raise CommandError(str(error)) from None


def _up(stack: ExitStack, data: Path, port: int, demo: bool) -> None:
    embedded = _wants_embedded()
    folder = DataFolder.open(data)
    stack.callback(folder.close)
    listener = stack.enter_context(_listen(port))
    url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    first, pair = None, None
    if embedded:
        first = FirstStart.of(folder, wanted=demo)
        pair = EmbeddedPair.start(folder)
        stack.callback(pair.stop)
    # The store starts meanwhile: these imports take as long as it does.
    from services.cli.running import run

    given = _given(folder, url, pair.wait() if pair else None)
    if first:
        first.begin()
    asyncio.run(run(folder, listener, url, pair, given, first if first and first.loads_demo else None))


def _wants_embedded() -> bool:
    names = ("KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URI")
    missing = [name for name in names if not os.environ.get(name)]
    if len(missing) == 1:
        there = next(name for name in names if name not in missing)
        raise CommandError(
            f"{there} is set and {missing[0]} is not; set both, or neither for the embedded broker and store",
            exit_code=2,
        )
    return bool(missing)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        other = port + 1 if port < 65535 else 8080
        raise CommandError(f"port {port} {why}; choose another: --port {other}, or make run PORT={other}") from None
    return listener


def _given(folder: DataFolder, url: str, addresses: Addresses | None) -> dict[str, object]:
    """The settings that come from here; the environment has the rest."""
    given: dict[str, object] = {}
    if addresses:
        given = {
            "kafka_bootstrap_servers": addresses.kafka_bootstrap_servers,
            "mongodb_uri": addresses.mongodb_uri,
            "trial": True,
            # What the embedded broker cannot do, or does slowly.
            "kafka_assign_partitions": True,
            "kafka_idempotent": False,
            "kafka_partitions": 1,
            "kafka_replication": 1,
            "kafka_poll_ms": 30,
        }
    if not os.environ.get("PUBLIC_URL"):
        given["public_url"] = url
    if not os.environ.get("MOTESPLATS_SECRET_KEY"):
        given["secret_key"] = folder.secret_key()
    return given
