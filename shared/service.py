"""A service, and how one or several become one ASGI application."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, TypeVar

import uvicorn
from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from motesplats_events import EVENTS, Envelope, TrialClockMoved
from motesplats_events.documents import asyncapi
from shared import kafka, logs, mongo, web
from shared.access import Staff, staff
from shared.delivery import Delivery, Transaction, parking
from shared.logs import logger
from shared.mongo import Database
from shared.settings import Settings

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
    """

    name: str
    delivery: Delivery
    routers: Sequence[APIRouter]
    indexes: Callable[[Database], Awaitable[None]]
    tasks: Sequence[Callable[[], Awaitable[None]]] = field(default_factory=list)
    folder: Path | None = None

    @asynccontextmanager
    async def running(self, settings: Settings) -> AsyncIterator[None]:
        """Connected and at work for as long as the context lasts."""
        await _wait_for("MongoDB", lambda: self._prepare(settings))
        async with self.delivery.running():
            own = [*self.tasks, self._follow_trial_clock] if settings.trial else self.tasks
            tasks = [asyncio.create_task(_forever(self.name, task)) for task in own]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        mongo.close(self.delivery.db)

    async def _prepare(self, settings: Settings) -> None:
        await mongo.check(self.delivery.db)
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
        await _wait_for("Kafka", lambda: kafka.create_topics(settings))
        if before_delivery:
            await before_delivery()
        async with AsyncExitStack() as stack:
            for service in services:
                await stack.enter_async_context(service.running(settings))
            log.info("ready", services=[service.name for service in services])
            yield
        log.info("stopped", services=[service.name for service in services])

    app = FastAPI(title="Mötesplats", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    for service in services:
        if settings.trial:
            _follow_trial_clock(service.delivery)
        for router in service.routers:
            app.include_router(router)
        app.include_router(_operations(service, settings))
    app.include_router(_health(services))
    web.install(app, settings, [service.folder for service in services if service.folder])
    app.add_middleware(RequestLog)
    return app


async def _wait_for(what: str, attempt: Callable[[], Awaitable[None]]) -> None:
    """Try until it works, for as long as a cluster may take to come up."""
    end = monotonic() + START_SECONDS
    while True:
        try:
            return await attempt()
        except mongo.UnsafeStore:
            raise
        except Exception as error:
            if monotonic() > end:
                raise
            log.warning("waiting", what=what, error=type(error).__name__)
            await asyncio.sleep(0.5)


async def _forever(service: str, task: Callable[[], Awaitable[None]]) -> None:
    pause = 0.5
    while True:
        started = monotonic()
        try:
            await task()
        except Exception:
            log.exception("task_failed", service=service, task=getattr(task, "__name__", "task"))
        if monotonic() - started > 60:
            pause = 0.5
        await asyncio.sleep(pause)
        pause = min(pause * 2, 30.0)


def _follow_trial_clock(delivery: Delivery) -> None:
    """Let the registration service, which owns the clock, move this service's."""
    if delivery.service == TrialClockMoved.source:
        return

    @delivery.on(TrialClockMoved)
    async def on_trial_clock_moved(tx: Transaction, event: TrialClockMoved, _: Envelope) -> None:
        ahead = {"ahead_by_seconds": event.ahead_by_seconds}
        await tx.db.trial.update_one({"_id": "clock"}, {"$set": ahead}, upsert=True, session=tx.session)
        delivery.clock.ahead_by = timedelta(seconds=event.ahead_by_seconds)


def _operations(service: Service, settings: Settings) -> APIRouter:
    prefix = f"/api/{service.name}"
    router = APIRouter(prefix=prefix, tags=["operations"])

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        """The service's OpenAPI document."""
        routes = [route for own in [*service.routers, router] for route in own.routes]
        return get_openapi(title=f"Mötesplats: {service.name}", version="1", routes=routes)

    @router.get("/asyncapi.json", include_in_schema=False)
    async def events() -> dict[str, Any]:
        """The AsyncAPI document of what the service publishes."""
        return asyncapi(event for event in EVENTS if event.source == service.name)

    @router.get("/events/counts", dependencies=[Depends(staff)])
    async def published_events() -> dict[str, int]:
        """How many events this service has published, by topic."""
        return await service.delivery.published()

    @router.get("/events/remembered", dependencies=[Depends(staff)])
    async def remembered_events() -> dict[str, datetime | None]:
        """From when on this service knows what it has consumed; null when it knows all."""
        return {"since": await service.delivery.remembers_since()}

    @router.post("/events/republish")
    async def republish_events(since: datetime, asking: Annotated[Staff, Depends(staff)]) -> dict[str, int]:
        """Send again what was published since then (real time, with its offset), before anything newer."""
        asking.must_operate()
        events = await service.delivery.republish(since.astimezone(UTC))
        log.warning("republishing", service=service.name, since=since.isoformat(), events=events, by=asking.name)
        return {"events": events}

    if settings.trial:

        @router.get("/time", dependencies=[Depends(staff)])
        async def time() -> dict[str, datetime | str]:
            """The platform's time as this service has it: a moved clock reaches it as an event (trial mode)."""
            return {"now": service.delivery.clock.now(), "zone": settings.time_zone}

    @router.get("/parked", dependencies=[Depends(staff)])
    async def parked_events() -> list[parking.Parked]:
        """Events that this service could not apply, and those that wait behind them; without their content."""
        return list(await parking.parked(service.delivery))

    @router.post("/parked/{event_id}/retry")
    async def retry_parked(event_id: str, asking: Annotated[Staff, Depends(staff)]) -> dict[str, int]:
        """Apply a parked event and those behind it, until one fails."""
        asking.must_operate()
        return {"applied": await parking.retry(service.delivery, event_id, asking.name)}

    @router.post("/parked/{event_id}/discard")
    async def discard_parked(event_id: str, asking: Annotated[Staff, Depends(staff)]) -> dict[str, str]:
        """Give up a parked event for good."""
        asking.must_operate()
        await parking.discard(service.delivery, event_id, asking.name)
        return {"status": "discarded"}

    return router


def _health(services: Sequence[Service]) -> APIRouter:
    router = APIRouter(prefix="/health", include_in_schema=False)

    @router.get("/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/ready")
    async def ready() -> Response:
        troubles = {service.name: found for service in services if (found := await service.delivery.troubles())}
        if troubles:
            return JSONResponse({"status": "not ready", "troubles": troubles}, status_code=503)
        return JSONResponse({"status": "ready"})

    return router


class RequestLog:
    """Logs method, route and status of each request: the route's pattern, never the path, which may hold a link."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = monotonic()
        status = 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            route = getattr(scope.get("route"), "path", "-")
            took = round((monotonic() - started) * 1000, 1)
            # Asked every few seconds by whoever watches, and of interest only when the answer is bad.
            say = log.debug if route.startswith("/health") and status < 400 else log.info
            say("request", method=scope["method"], route=route, status=status, ms=took)


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
        why = str(error) if isinstance(error, mongo.UnsafeStore) else f"{type(error).__name__}; see the log above"
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
