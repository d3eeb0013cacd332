"""One log line when store or broker is away, one when they are back: not one for each attempt between."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from shared.logs import logger

log = logger(__name__)

# Drivers try again by themselves, the store's for two minutes and the broker's for as long as it takes.
SLOW_SECONDS = 5.0


class Outage:
    """What one of relay and inbox says of an outage.

    Attributes:
        who: `relay` or `inbox`; the lines are `relay_waits` and `relay_goes_on`.
    """

    def __init__(self, who: str, service: str) -> None:
        self.who = who
        self._service = service
        self._said = False

    def waits(self, error: str, **what: object) -> None:
        """Say so, and what waits, unless it is said."""
        if not self._said:
            log.warning(f"{self.who}_waits", service=self._service, error=error, **what)
        self._said = True

    def over(self) -> None:
        """Say that it goes on, if it waited."""
        if self._said:
            log.info(f"{self.who}_goes_on", service=self._service)
        self._said = False

    @contextmanager
    def noticed(self, **what: object) -> Iterator[None]:
        """Say so also when what runs within has no answer and no error for long."""
        error = f"no answer for {SLOW_SECONDS:g} s"
        slow = asyncio.get_running_loop().call_later(SLOW_SECONDS, lambda: self.waits(error, **what))
        try:
            yield
        finally:
            slow.cancel()
