"""The outbox: rows that announce what was committed, numbered so that a reader knows what may still appear.

Each process numbers its own rows, one by one. A transaction that took its number early may commit late, or never: a
number that is not there yet says nothing by itself. So each row also carries `low`, the lowest number that was still
open when it was written: every lower number has been decided, and what is not there then never comes.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

import uuid_utils

from motesplats_events import Envelope
from shared.mongo import Document

# A transaction whose commit was not answered may still be carried out; the store gives it up long before this.
UNDECIDED_SECONDS = 150.0


class Writer:
    """One process as a writer of one outbox.

    Attributes:
        id: tells its rows from those of other processes and of earlier starts.
    """

    def __init__(self) -> None:
        self.id = uuid4().hex
        self._taken = 0
        self._open: set[int] = set()

    @property
    def low(self) -> int:
        """The lowest number whose transaction is not decided; all lower ones are."""
        return min(self._open, default=self._taken + 1)

    @property
    def open(self) -> bool:
        """Whether some transaction is not decided."""
        return bool(self._open)

    @contextmanager
    def numbering(self) -> Iterator["Numbering"]:
        """Numbers and ids for one transaction, however often it is attempted."""
        numbering = Numbering(self)
        try:
            yield numbering
        except BaseException:
            if numbering.numbers:
                asyncio.get_running_loop().call_later(UNDECIDED_SECONDS, self._decide, numbering.numbers)
            raise
        else:
            self._decide(numbering.numbers)

    def take(self) -> int:
        """The next number, open from now on."""
        self._taken += 1
        self._open.add(self._taken)
        return self._taken

    def _decide(self, numbers: Iterable[int]) -> None:
        self._open.difference_update(numbers)


class Numbering:
    """What a transaction's rows are called.

    Attributes:
        ids: of its events. The n-th event has the same id however often the transaction runs: a commit whose reply is
            lost may have happened, and running the work again then fails on a duplicate id instead of doing it twice.
        numbers: all that its attempts have taken.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.ids: list[str] = []
        self.numbers: list[int] = []

    def id(self, index: int) -> str:
        """The id of the event with this index, 0 for the first."""
        while len(self.ids) <= index:
            self.ids.append(str(uuid_utils.uuid7()))
        return self.ids[index]

    def number(self, rows: Sequence[Document]) -> None:
        """Number rows that are about to be written.

        The last step of a transaction, and anew at each attempt: whoever changed the same aggregate before has
        committed by now, so that rising `order` is the order of commits of one aggregate.
        """
        for row in rows:
            n = self._writer.take()
            self.numbers.append(n)
            row.update(writer=self._writer.id, n=n, low=self._writer.low, order=str(uuid_utils.uuid7()))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the rows of one writer have been sent.

    Attributes:
        last: the highest number that was read.
        gaps: lower numbers that were not there; one that appears is sent then.
        seen: real time when a row of this writer was last read, or when it made itself known.
        stopped: the process has ended in good order and writes no more.
    """

    seen: datetime
    last: int = 0
    gaps: frozenset[int] = field(default_factory=frozenset)
    stopped: bool = False

    @classmethod
    def of(cls, stored: Document) -> "Progress":
        """As it is kept in the store."""
        return cls(stored["seen"], stored["last"], frozenset(stored["gaps"]), stored["stopped"])

    def document(self) -> Document:
        """To keep in the store."""
        return {"seen": self.seen, "last": self.last, "gaps": sorted(self.gaps), "stopped": self.stopped}

    def after(self, rows: Sequence[Document], now: datetime) -> "Progress":
        """The progress when these rows are sent.

        Args:
            rows: of this writer, all that one snapshot holds of the gaps and of the numbers up to the highest of them.
        """
        if not rows:
            return self
        numbers = {int(row["n"]) for row in rows}
        last = max(self.last, *numbers)
        decided = max(int(row["low"]) for row in rows)
        gaps = (self.gaps | set(range(self.last + 1, last))) - numbers
        return replace(self, seen=now, last=last, gaps=frozenset(n for n in gaps if n >= decided))


def envelope_of(row: Document, service: str) -> Envelope:
    """The CloudEvents attributes of an outbox row."""
    return Envelope(
        id=row["_id"],
        type=row["type"],
        source=f"/motesplats/{service}",
        subject=row["key"],
        time=datetime.fromisoformat(row["time"]),
        sequence=row["sequence"],
        traceparent=row.get("traceparent"),
    )
