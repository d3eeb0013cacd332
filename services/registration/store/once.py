"""What exists once: used sign-in links, and the trial clock."""

from shared.delivery import Transaction


async def use_sign_in(tx: Transaction, id: str) -> bool:
    """Note that a sign-in link was used; False if it had been used before."""
    if await tx.db.used_sign_ins.find_one({"_id": id}, session=tx.session):
        return False
    await tx.db.used_sign_ins.insert_one({"_id": id, "used_at": tx.now}, session=tx.session)
    return True


async def clock_version(tx: Transaction) -> int:
    """How often the trial clock has been moved."""
    row = await tx.db.trial.find_one({"_id": "clock"}, session=tx.session)
    return int(row["version"]) if row else 0


async def save_clock(tx: Transaction, ahead_by_seconds: float, version: int) -> None:
    """Store how far the platform's time is from the real one."""
    change = {"$set": {"ahead_by_seconds": ahead_by_seconds, "version": version}}
    await tx.db.trial.update_one({"_id": "clock"}, change, upsert=True, session=tx.session)
