"""A road between a service and its broker or store that can be cut."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from shared.embedded.children import LOOPBACK


class Road:
    """Carries bytes from a loopback port to an address.

    Attributes:
        port: where it begins.
        flowing: cleared while nothing gets through and nobody is told: connections stay as they are, in silence.
    """

    def __init__(self, port: int, target: Callable[[], tuple[str, int]]) -> None:
        self.port = port
        self._target = target
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._cut = False
        self._known: tuple[str, int] | None = None
        self._server: asyncio.Server
        self._ends: set[asyncio.StreamWriter] = set()

    @classmethod
    async def open(cls, port: int, target: Callable[[], tuple[str, int]]) -> "Road":
        """Begin to carry. The target is asked for when nobody answers: a container that starts again may have moved."""
        road = cls(port, target)
        road._server = await asyncio.start_server(road._carry, LOOPBACK, port)
        return road

    @property
    def cut(self) -> bool:
        """Whether nothing gets through."""
        return self._cut

    @cut.setter
    def cut(self, cut: bool) -> None:
        self._cut = cut
        if cut:
            for end in list(self._ends):
                end.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        try:
            # Not at each connection: many come at once, and Docker answers one after the other.
            self._known = self._known or await asyncio.to_thread(self._target)
            there, back = await asyncio.open_connection(*self._known)
        except Exception:
            self._known = None
            writer.transport.abort()
            return
        ends = {writer, back}
        self._ends |= ends
        try:
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        finally:
            self._ends -= ends

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self.flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()

    async def close(self) -> None:
        """Carry no more."""
        self._server.close()
        self.flowing.set()
        self.cut = True
