"""The clock of a platform in trial mode, moved by a story."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from services.cli.asking import SERVICES
from services.cli.play.api import Api

Progress = Callable[[str], None]
# What a story has piled up comes before the news of the time.
CATCHING_UP_SECONDS = 600.0


class Clock:
    """The platform's clock: set once on an empty platform, and moved forward after."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def now(self) -> datetime:
        """The platform's time."""
        return datetime.fromisoformat((await self._api.get("/api/registration/clock", staff=True))["now"])

    async def move(self, to: datetime) -> None:
        """Set it, and wait until every service has heard of it."""

        async def is_there() -> bool | None:
            return abs(await self.now() - to) < timedelta(minutes=10) or None

        body = {"now": to.isoformat()}
        await self._api.send("PUT", "/api/registration/clock", body, staff=True, done=is_there)
        await self._api.until(self._behind, "Services that have heard of the new time", seconds=CATCHING_UP_SECONDS)

    async def not_before(self, moment: datetime) -> None:
        """Move it forward to `moment`, unless it is later already."""
        if await self.now() < moment:
            await self.move(moment)

    async def _behind(self) -> Sequence[str]:
        now, behind = await self.now(), []
        for service in SERVICES:
            theirs = (await self._api.get(f"/api/{service}/time", staff=True))["now"]
            if abs(datetime.fromisoformat(theirs) - now) > timedelta(seconds=30):
                behind.append(service)
        return behind
