"""The platform at work: serves until it is told to stop, or one of its children ends."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import uvicorn
from fastapi import FastAPI
from rich.console import Console

from services.cli.errors import CommandError
from services.cli.first_start import FirstStart
from services.cli.four import application
from services.cli.sign_in import api_token, sign_in_link
from services.cli.summary import print_summary
from shared import logs
from shared.embedded import DataFolder, EmbeddedPair
from shared.service import Server
from shared.settings import UnsafeSetting

STOP_SECONDS = 10.0
LARGEST_LOG = 10_000_000
LOG = "platform.log"


async def run(
    folder: DataFolder,
    listener: socket.socket,
    url: str,
    pair: EmbeddedPair | None,
    given: Mapping[str, object],
    first: FirstStart | None,
) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        url: where `listener` is reached.
        pair: watched; None when broker and store are elsewhere.
        given: settings that go before the environment's.
        first: set when the demo is to be loaded.

    Raises:
        CommandError: the platform cannot start, or a child has ended.
    """
    log = _log_to(folder.path / LOG)
    told_to_stop = _stop_signals()
    work = asyncio.create_task(_work(folder, listener, url, pair, given, first))
    stop = asyncio.create_task(told_to_stop.wait())
    dead = asyncio.create_task(pair.first_to_end()) if pair else None
    await asyncio.wait([task for task in (work, stop, dead) if task], return_when=asyncio.FIRST_COMPLETED)
    child = next((one for one in pair.children.values() if one.ended()), None) if pair else None
    if child:
        # The services cannot end in their order without it, and would wait for it: nothing they hold is worth that.
        _leave_at_once(
            f"the embedded {child.name} ended ({child.how_it_ended()}; its log: {child.log}), so the platform stops; "
            "nothing that was saved is lost: start again with the same command",
            folder,
            pair,
        )
    work.cancel()
    await asyncio.wait([work], timeout=STOP_SECONDS)
    if not work.done():
        _leave_at_once(
            f"the services did not end within {STOP_SECONDS:.0f} seconds and were left; nothing that was saved is lost",
            folder,
            pair,
        )
    if not work.cancelled() and (error := work.exception()):
        if isinstance(error, CommandError):
            raise error
        if isinstance(error, UnsafeSetting):
            raise CommandError(str(error))
        raise CommandError(f"the platform could not go on ({type(error).__name__}); its log: {log}")


def _leave_at_once(message: str, folder: DataFolder, pair: EmbeddedPair | None) -> NoReturn:
    if pair:
        pair.stop()
    folder.close()
    print(message, file=sys.stderr, flush=True)
    os._exit(1)


async def _work(
    folder: DataFolder,
    listener: socket.socket,
    url: str,
    pair: EmbeddedPair | None,
    given: Mapping[str, object],
    first: FirstStart | None,
) -> None:
    app = application(given, broker_forgets=pair is not None)
    if pair is None:
        print(f"Connecting to Kafka and MongoDB; the log: {folder.path / LOG}", file=sys.stderr, flush=True)
    try:
        async with app.router.lifespan_context(app), _served(app, listener) as serving:
            settings = app.state.settings
            key = settings.secret_key.get_secret_value()
            if first:
                await _load_demo(url, api_token(key), first)
            print_summary(settings, url, sign_in_link(settings.public_url, key), folder, pair)
            folder.say_running(
                url=url,
                kafka_bootstrap_servers=settings.kafka_bootstrap_servers,
                own_key="secret_key" not in given,
            )
            # Cancelled here means told to stop: everything is left in its order.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([serving])
    except Exception:
        logs.logger(__name__).exception("platform_failed")
        raise


@contextlib.asynccontextmanager
async def _served(app: FastAPI, listener: socket.socket) -> AsyncIterator[asyncio.Task[None]]:
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn sets a flag, no event
            await asyncio.sleep(0.01)
        yield serving
    finally:
        server.should_exit = True
        await asyncio.wait([serving])


async def _load_demo(url: str, token: str, first: FirstStart) -> None:
    from services.cli import demo

    with _progress() as say:
        say("This is the first start: the demo is loaded, a course from the first registration to its result")
        await demo.load(url, token, say)
    first.finish()


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda sentence: print(sentence, file=sys.stderr, flush=True)
        return
    with console.status("Loading the demo") as status:
        yield lambda sentence: status.update(sentence)


def _stop_signals() -> asyncio.Event:
    told = asyncio.Event()

    def interrupt() -> None:
        if told.is_set():
            # Ctrl-C twice: whoever asks does not want to wait. The children end with this process.
            os._exit(130)
        told.set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    return told


def _log_to(path: Path) -> Path:
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    path.touch(mode=0o600)
    logs.configure(path.open("a", encoding="utf-8"))
    return path
