"""Bring the sums up to date with what is known: an offer or a volunteer at a time, each as often as it takes."""

import asyncio
from datetime import tzinfo
from functools import partial

from services.evaluation.domain.measures.counting import COUNTING_VERSION, difference, offer_cells, volunteer_cells
from services.evaluation.domain.measures.sums import Cells
from services.evaluation.store import offers, sums, volunteers
from shared.delivery import Delivery, Reading, Transaction

AT_A_TIME = 100


async def count_when_there_is_news(delivery: Delivery, zone: tzinfo, pause: float) -> None:
    """Count what is new, for as long as the service runs.

    Args:
        zone: in which a moment's day is told.
        pause: real seconds between two looks.
    """
    await count_anew(delivery)
    while True:
        if await count_news(delivery, zone) < AT_A_TIME:
            await asyncio.sleep(pause)


async def count_anew(delivery: Delivery) -> None:
    """Take everything for news where the sums were made by another version of counting."""
    if await sums.version(delivery.reading) == COUNTING_VERSION:
        return
    known = await sums.everything(delivery.reading)
    for start in range(0, len(known), AT_A_TIME):
        some = known[start : start + AT_A_TIME]
        for kind in (sums.OFFER, sums.VOLUNTEER):
            ids = [id for what, id in some if what == kind]
            await delivery.transact(partial(sums.note_news, kind=kind, ids=ids))
    await delivery.transact(partial(sums.save_version, version=COUNTING_VERSION))


async def count_news(delivery: Delivery, zone: tzinfo) -> int:
    """Count some of what is new; of how many there was news."""
    found = await sums.news(delivery.reading, AT_A_TIME)
    for kind, id in found:
        await delivery.transact(partial(count, kind=kind, id=id, zone=zone))
    return len(found)


async def count(tx: Transaction, kind: str, id: str, zone: tzinfo) -> None:
    """Let the sums hold what an offer or a volunteer adds now, in place of what it added before."""
    if not await sums.take_news(tx, kind, id):
        return
    cells = await _cells(tx, kind, id, zone)
    change = difference(await sums.added(tx, kind, id), cells)
    if change:
        await sums.add(tx, change)
        await sums.save_added(tx, kind, id, cells)
        if kind == sums.OFFER:
            # What further seasons add depends on how those before them ended.
            await sums.note_news(tx, kind, await offers.seasons_after(tx, id))


async def _cells(at: Reading, kind: str, id: str, zone: tzinfo) -> Cells:
    if kind == sums.VOLUNTEER:
        return volunteer_cells(await volunteers.facts(at, id))
    facts = await offers.facts(at, id, zone)
    return offer_cells(facts) if facts is not None else Cells()
