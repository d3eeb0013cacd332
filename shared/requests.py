"""What is noted of every request."""

import logging
from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import observing
from shared.logs import logger

log = logger(__name__)

# Anybody may send any word as a method; as a label each would be kept for good.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Requests:
    """Logs, measures and traces requests: by the route's pattern, never by the path, which may hold a link.

    A trace begins here; one that a browser sends along is not taken up.
    """

    def __init__(self, app: ASGIApp, untraced: tuple[str, ...]) -> None:
        self._app = app
        self._untraced = untraced

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith(self._untraced):
            await self._answer(scope, receive, send)
        else:
            await self._traced(scope, receive, send)

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = _method(scope)
        with observing.span(method, observing.SpanKind.SERVER) as span:
            try:
                await self._answer(scope, receive, send)
            finally:
                if span:
                    route = _route(scope)
                    span.update_name(f"{method} {route}")
                    span.set_attributes({"http.request.method": method, "http.route": route})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
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
            method, route, took = _method(scope), _route(scope), monotonic() - started
            observing.REQUESTS.labels(method, route, status).observe(took)
            # Asked every few seconds by whoever watches, and of interest only when the answer is bad.
            watching = route.startswith("/health") or route == "/metrics"
            level = logging.DEBUG if watching and status < 400 else logging.INFO
            log.log(level, "request", method=method, route=route, status=status, ms=round(took * 1000, 1))


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "OTHER"


def _route(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "-")
