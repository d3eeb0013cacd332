"""The platform's HTTP interface as people and partners see it, patient while the platform is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import httpx

LONGEST_ABSENCE = 120.0
TROUBLE: dict[int, float] = {
    HTTPStatus.INTERNAL_SERVER_ERROR: 10.0,
    HTTPStatus.BAD_GATEWAY: LONGEST_ABSENCE,
    HTTPStatus.SERVICE_UNAVAILABLE: LONGEST_ABSENCE,
    HTTPStatus.GATEWAY_TIMEOUT: LONGEST_ABSENCE,
}
"""Statuses that say nothing about the request, and for how many seconds it is repeated."""
AT_ONCE = 8
# A busy machine is slow and not wrong.
PATIENCE_SECONDS = 180.0

T = TypeVar("T")


class ApiError(Exception):
    """The platform did not do what was asked."""


class PlatformAway(ApiError):
    """Nobody answered for longer than an absence may last."""


class Refused(ApiError):
    """The platform answered that it will not.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, method: str, path: str, status: int, detail: str) -> None:
        super().__init__(f"{method} {path}: {status} {detail}")
        self.status = status


class StillMissing(ApiError):
    """What should have come has not come."""


class Api:
    """One platform, spoken to as staff or, without `staff=True`, as anybody.

    Every request is repeated while the platform is away, for up to two minutes.

    Attributes:
        lost: how many answers never came; whatever was asked then may have been done.
    """

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=url.rstrip("/"),
            timeout=httpx.Timeout(60, connect=5),
            limits=httpx.Limits(max_connections=AT_ONCE * 2),
            follow_redirects=False,
        )
        self._staff = {"Authorization": f"Bearer {token}"}
        self._away_for = 0.0
        self._waiting = asyncio.Lock()
        self.lost = 0

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(self, path: str, *, staff: bool = False, **query: object) -> Any:
        """Read something; a mapping or list.

        Raises:
            Refused: the platform says no.
            PlatformAway: nobody answered for two minutes.
        """
        begun = time.monotonic()
        while True:
            answer = await self._try("GET", path, staff=staff, begun=begun, query=query)
            if answer is not None:
                return _content("GET", path, answer)

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        staff: bool = False,
        done: Callable[[], Awaitable[T | None]] | None = None,
        used_is_done: bool = False,
    ) -> Any:
        """Change something, once.

        Args:
            done: asked after a lost answer; what it finds is returned instead of asking again.
            used_is_done: after a lost answer, "this link was used" means that it was done.

        Raises:
            Refused: the platform says no.
            PlatformAway: nobody answered for two minutes.
        """
        lost, begun = False, time.monotonic()
        while True:
            if lost and done is not None:
                found = await done()
                if found is not None:
                    return found
            answer = await self._try(method, path, staff=staff, begun=begun, body=body)
            if answer is None:
                lost = True
            elif lost and used_is_done and answer.status_code == HTTPStatus.GONE:
                return {}
            else:
                return _content(method, path, answer)

    async def _try(
        self,
        method: str,
        path: str,
        *,
        staff: bool,
        begun: float,
        body: object = None,
        query: dict[str, object] | None = None,
    ) -> httpx.Response | None:
        """The answer, or None when it was lost and the platform has come back since."""
        params = {name: str(value) for name, value in (query or {}).items()}
        try:
            answer = await self._client.request(
                method, path, params=params, json=body, headers=self._staff if staff else {}
            )
        except httpx.TransportError as error:
            why, patience = str(error) or type(error).__name__, LONGEST_ABSENCE
        else:
            if answer.status_code not in TROUBLE:
                return answer
            why, patience = f"{answer.status_code} {answer.reason_phrase}", TROUBLE[answer.status_code]
        self.lost += 1
        async with self._waiting:
            await self._wait_until_back(begun, patience, why)
        return None

    async def _wait_until_back(self, begun: float, patience: float, why: str) -> None:
        left = time.monotonic()
        while True:
            if time.monotonic() - begun > patience:
                raise PlatformAway(f"{self._client.base_url} has been away for {patience:.0f} s: {why}")
            await asyncio.sleep(0.2)
            try:
                answer = await self._client.get("/health/ready", timeout=5)
            except httpx.TransportError as error:
                why = str(error) or type(error).__name__
            else:
                if answer.is_success:
                    break
                why = f"not ready ({answer.status_code})"
        self._away_for += time.monotonic() - left

    async def until(
        self, nothing_missing: Callable[[], Awaitable[Sequence[str]]], what: str, *, seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Look again and again until nothing is missing. Time in which the platform is away does not count.

        Raises:
            StillMissing: something has not come; the message names what.
        """
        begun, away_before, pause = time.monotonic(), self._away_for, 0.02
        while missing := await nothing_missing():
            if time.monotonic() - begun - (self._away_for - away_before) > seconds:
                raise StillMissing(f"{what}: after {seconds:.0f} s still missing: {_few(missing)}")
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.25)


async def each(things: Iterable[T], work: Callable[[T], Awaitable[object]]) -> None:
    """Do the same with each, eight at a time; the first failure ends it."""
    waiting = iter(things)

    async def take_turns() -> None:
        for thing in waiting:
            await work(thing)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(take_turns())
    except ExceptionGroup as several:
        raise several.exceptions[0] from None


def _few(things: Sequence[str]) -> str:
    more = f" and {len(things) - 5} more" if len(things) > 5 else ""
    return ", ".join(things[:5]) + more


def _content(method: str, path: str, answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else {}
    # A path may end with a personal link's token, which must not reach a terminal or log; ids have dashes.
    shown = "/".join(
        part if len(part) <= 20 or (len(part) == 36 and part.count("-") == 4) else "…" for part in path.split("/")
    )
    try:
        problem = answer.json()
        errors = [f"{e.get('field')}: {e.get('detail')}" for e in problem.get("errors") or ()]
        detail = "; ".join([str(problem.get("detail") or problem.get("title")), *errors])
    except (ValueError, AttributeError):
        detail = answer.reason_phrase
    raise Refused(method, shown, answer.status_code, detail)
