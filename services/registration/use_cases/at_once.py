"""Many who register for the same programme at the same moment, in one transaction instead of one after the other.

Registrations for one programme have to wait for each other, since they take from the same places. Those that arrive
while one of them is being stored are taken together by whoever is next, in the order in which they came: a thousand at
once are some tens of transactions, and nobody waits for a thousand. Where one of them cannot be taken they are stored
each for itself, still in their order, and only that one is refused.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from services.registration.settings import Settings
from services.registration.use_cases.registering import Application, comers, register_participants
from shared.contact import same_person_key
from shared.delivery import Delivery, Transaction

MOST_TOGETHER = 50

Register: TypeAlias = Callable[[str, Application], Awaitable[None]]
"""Registers, given a programme's id and an application; raises what `register_participants` does."""


@dataclass(eq=False, slots=True)
class _Waiting:
    """One application in line.

    Attributes:
        people: who comes by it.
        alone: together with others it could not be stored.
        refused: why it cannot be stored.
    """

    application: Application
    people: frozenset[str]
    alone: bool = False
    refused: Exception | None = None


def at_once(delivery: Delivery, settings: Settings) -> Register:
    """One line for each programme: made once, and used by every way in from outside."""
    lines: dict[str, list[_Waiting]] = {}
    zone = settings.zone

    async def register(programme_id: str, application: Application) -> None:
        people = frozenset(same_person_key(name, contact) for _, name, contact in comers(application))
        mine = _Waiting(application, people)
        line = lines.setdefault(programme_id, [])
        line.append(mine)
        try:
            while mine in line:
                await store_first(programme_id, line, mine)
        finally:
            # Nobody waits for the answer any more.
            if mine in line:
                line.remove(mine)
            if not line and lines.get(programme_id) is line:
                del lines[programme_id]
        if mine.refused:
            raise mine.refused

    async def store_first(programme_id: str, line: list[_Waiting], mine: _Waiting) -> None:
        """Store those at the head of the line, or refuse the first, whoever they are; nobody if `mine` is stored."""
        together: list[_Waiting] = []

        async def work(tx: Transaction) -> list[_Waiting]:
            # Looked at only now, when those before have been stored.
            together[:] = _head(line) if mine in line else []
            if together:
                await register_participants(tx, programme_id, [one.application for one in together], zone)
            return list(together)

        try:
            done = await delivery.transact(work, key=programme_id)
        except Exception as error:
            done = together[:1] if len(together) == 1 else []
            for one in together:
                one.alone = True
                one.refused = error if done else None
            if not together and mine in line:
                raise
        line[:] = [one for one in line if one not in done]

    async def unguarded(programme_id: str, application: Application) -> None:
        await delivery.transact(lambda tx: register_participants(tx, programme_id, [application], zone, guarded=False))

    return unguarded if settings.unguarded_places else register


def _head(line: list[_Waiting]) -> list[_Waiting]:
    """Those at the head of the line who can be stored together: the same person is in one of them only."""
    found: list[_Waiting] = []
    people: set[str] = set()
    for one in line[:MOST_TOGETHER]:
        if found and (one.alone or people & one.people):
            break
        found.append(one)
        people |= one.people
        if one.alone:
            break
    return found
