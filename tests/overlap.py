"""Two transactions of one service that are under way at the same time, as those of two replicas may be."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from shared.delivery import Delivery, Transaction
from shared.delivery.received import read


async def applied_around(delivery: Delivery, records: Sequence[Any], meanwhile: Callable[[], Awaitable[None]]) -> None:
    """Apply records in one transaction, and do something else between its last write and its commit."""
    batch = [read(record, delivery.inbox.event_types) for record in records]
    attempts = 0

    async def work(tx: Transaction) -> None:
        nonlocal attempts
        await delivery.inbox._apply_in(tx, batch, [])
        attempts += 1
        if attempts == 1:
            await meanwhile()

    await delivery.transact(work)
