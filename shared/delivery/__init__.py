"""Promise 1, and nothing else: no event is lost, no effect is applied twice.

    async def hold_session(tx: Transaction, ...): ...; tx.publish(session_held, sequence=session.version)
    await delivery.transact(lambda tx: hold_session(tx, ...), key=session_id)

    @delivery.on(SessionHeld)
    async def on_session_held(tx: Transaction, event: SessionHeld, envelope: Envelope) -> None: ...

What is published is written in the transaction that changes the state (outbox) and sent afterwards (relay).
What is consumed is noted in the transaction that has the effects (inbox). An event that cannot be applied is parked,
and later events of its key wait behind it.
"""

from shared.delivery.delivery import Delivery
from shared.delivery.transaction import Reading, Transaction, put_if_newer

__all__ = ["Delivery", "Reading", "Transaction", "put_if_newer"]
