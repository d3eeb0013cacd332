"""A service, and how one or several become one ASGI application."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TypeVar

import uvicorn
from fastapi import APIRouter, FastAPI
from pydantic import ValidationError

from motesplats_events import Envelope, TrialClockMoved
from shared import kafka, logs, mongo, observing, operations, tasks, web
from shared.delivery import Delivery, Transaction
from shared.logs import logger
from shared.mongo import Database
from shared.requests import Requests
from shared.settings import Settings, UnsafeSetting

log = logger(__name__)

START_SECONDS = 60
TRIAL_CLOCK_SECONDS = 1.0


@dataclass
class Service:
    """One of the four, wired but not connected.

    Attributes:
        name: also the consumer group, the database and the API's path.
        routers: JSON API and pages.
        indexes: creates the service's own collections and indexes.
        tasks: loops that run for as long as the service does; one that fails is logged and started again.
        folder: holds its `locale/`, for the errors that it raises.
        untraced: how the paths begin whose requests leave no trace, for what is anonymous.
    """

    name: str
    delivery: Delivery
    routers: Sequence[APIRouter]
    indexes: Callable[[Database], Awaitable[None]]
    tasks: Sequence[Callable[[], Awaitable[None]]] = field(default_factory=list)
    folder: Path | None = None
    untraced: Sequence[str] = ()

    @asynccontextmanager
    async def running(self, settings: Settings) -> AsyncIterator[None]:
        """Connected and at work for as long as the context lasts."""
        await _wait_for("MongoDB", lambda: self._prepare(settings))
        async with self.delivery.running():
            own = [*self.tasks, self._follow_trial_clock] if settings.trial else self.tasks
            running = [asyncio.create_task(tasks.forever(self.name, task)) for task in own]
            try:
                yield
            finally:
                await tasks.end(running)
        mongo.close(self.delivery.db)

    async def _prepare(self, settings: Settings) -> None:
        await self.delivery.indexes()
        await self.indexes(self.delivery.db)
        if settings.trial:
            await self._read_trial_clock()

    async def _read_trial_clock(self) -> None:
        clock = await self.delivery.db.trial.find_one({"_id": "clock"})
        if clock:
            self.delivery.clock.ahead_by = timedelta(seconds=clock["ahead_by_seconds"])

    async def _follow_trial_clock(self) -> None:
        """A moved clock reaches one replica of a service as a request or an event, and the others here."""
        while True:
            await asyncio.sleep(TRIAL_CLOCK_SECONDS)
            try:
                await self._read_trial_clock()
            except Exception as error:
                if not mongo.is_outage(error):
                    raise


def asgi(
    services: Sequence[Service],
    settings: Settings,
    *,
    before_delivery: Callable[[], Awaitable[None]] | None = None,
) -> FastAPI:
    """One application for one service or for several in one process.

    Args:
        before_delivery: runs when the topics exist and before any event moves.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await _wait_for("Kafka", lambda: _prepare_topics(settings))
        if before_delivery:
            await before_delivery()
        async with AsyncExitStack() as stack:
            stack.enter_context(observing.traces("-".join(["motesplats", *alone])))
            for service in services:
                await stack.enter_async_context(service.running(settings))
            log.info("ready", services=[service.name for service in services])
            yield
        log.info("stopped", services=[service.name for service in services])

    deliveries = [service.delivery for service in services]
    alone = [service.name for service in services] if len(services) == 1 else []
    app = FastAPI(title="Mötesplats", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    for service in services:
        if settings.trial:
            _follow_trial_clock(service.delivery)
        for router in service.routers:
            app.include_router(router)
        app.include_router(operations.of_service(service.delivery, service.routers, settings))
    app.include_router(operations.health(deliveries))
    if token := settings.metrics_token.get_secret_value():
        app.include_router(operations.metrics(deliveries, token))
    web.install(app, settings, [service.folder for service in services if service.folder])
    app.add_middleware(Requests, untraced=tuple(path for service in services for path in service.untraced))
    return app


async def _prepare_topics(settings: Settings) -> None:
    await kafka.create_topics(settings)
    for weakness in await kafka.check_topics(settings):
        log.warning("weak_topics", why=weakness)


async def _wait_for(what: str, attempt: Callable[[], Awaitable[None]]) -> None:
    """Try until it works, for as long as a cluster may take to come up."""
    end = monotonic() + START_SECONDS
    while True:
        try:
            return await attempt()
        except UnsafeSetting:
            raise
        except Exception as error:
            if monotonic() > end:
                raise
            log.warning("waiting", what=what, error=type(error).__name__)
            await asyncio.sleep(0.5)


def _follow_trial_clock(delivery: Delivery) -> None:
    """Let the registration service, which owns the clock, move this service's."""
    if delivery.service == TrialClockMoved.source:
        return

    @delivery.on(TrialClockMoved)
    async def on_trial_clock_moved(tx: Transaction, event: TrialClockMoved, _: Envelope) -> None:
        ahead = {"ahead_by_seconds": event.ahead_by_seconds}
        await tx.db.trial.update_one({"_id": "clock"}, {"$set": ahead}, upsert=True, session=tx.session)
        delivery.clock.ahead_by = timedelta(seconds=event.ahead_by_seconds)


S = TypeVar("S", bound=Settings)


class Server(uvicorn.Server):
    """uvicorn, except that signals are ours: it would end the process before the services have stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


def serve(build: Callable[[S], Service], settings_type: type[S]) -> None:
    """Run one service by itself, configured by environment variables, until it is told to stop."""
    logs.configure()
    try:
        settings = settings_type()
    except ValidationError as error:
        for problem in error.errors(include_input=False):
            print(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
    service = build(settings)
    try:
        asyncio.run(_serve(asgi([service], settings), settings))
    except Exception as error:
        # The error's own words may quote a key of the store; its type and place do not.
        log.exception("cannot_go_on", service=service.name)
        why = str(error) if isinstance(error, UnsafeSetting) else f"{type(error).__name__}; see the log above"
        print(f"{service.name} cannot go on: {why}", file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from None


async def _serve(app: FastAPI, settings: Settings) -> None:
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Longer than proxies keep theirs, or one would send a form into a connection that is just being closed.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
    )
    server = Server(config)

    def stop() -> None:
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    async with app.router.lifespan_context(app):
        await server.serve()
