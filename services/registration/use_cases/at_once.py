"""Many who register for the same programme at the same moment, in one transaction instead of one after the other.

Registrations for one programme have to wait for each other, since they take from the same places. Those that arrive
while one of them is being stored are taken together by whoever is next, in the order in which they came: a thousand at
once are some tens of transactions, and nobody waits for a thousand. One that cannot be taken harms no other: they are
then stored each for itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.registration.settings import Settings
from services.registration.use_cases.registering import Application, register_participants
from shared.delivery import Delivery, Transaction

MOST_TOGETHER = 50


@dataclass(eq=False, slots=True)
class _Waiting:
    application: Application
    alone: bool = False


def at_once(delivery: Delivery, settings: Settings) -> Callable[[str, Application], Awaitable[None]]:
    """Registers, given a programme's id and an application; raises what `register_participants` does."""
    waiting: dict[str, list[_Waiting]] = {}
    zone = settings.zone

    async def register(programme_id: str, application: Application) -> None:
        mine = _Waiting(application)
        line = waiting.setdefault(programme_id, [])
        line.append(mine)
        try:
            while mine in line:
                stored = await _next(programme_id, line, mine)
                line[:] = [one for one in line if one not in stored]
        finally:
            # Refused, or nobody waits for the answer any more.
            if mine in line:
                line.remove(mine)
            if not line and waiting.get(programme_id) is line:
                del waiting[programme_id]

    async def _next(programme_id: str, line: list[_Waiting], mine: _Waiting) -> list[_Waiting]:
        """Store those whose turn it is; none when `mine` has been stored by another, or all are to be tried alone."""
        together: list[_Waiting] = []

        async def work(tx: Transaction) -> list[_Waiting]:
            # Looked at only now, when those before have been stored.
            together[:] = []
            if mine in line:
                together.extend([mine] if mine.alone else [one for one in line if not one.alone][:MOST_TOGETHER])
                applications = [one.application for one in together]
                await register_participants(tx, programme_id, applications, zone)
            return list(together)

        try:
            return await delivery.transact(work, key=programme_id)
        except Exception:
            if len(together) < 2:
                raise
            for one in together:
                one.alone = True
            return []

    async def unguarded(programme_id: str, application: Application) -> None:
        await delivery.transact(lambda tx: register_participants(tx, programme_id, [application], zone, guarded=False))

    return unguarded if settings.unguarded_places else register
