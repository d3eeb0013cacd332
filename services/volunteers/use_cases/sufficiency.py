"""Asking coordinators whether their offers have enough volunteers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from services.volunteers import publishes, store
from services.volunteers.domain.programmes import Programme
from services.volunteers.domain.sufficiency import Sufficiency, sufficiency_answered
from shared.access import Staff, may
from shared.delivery import Reading, Transaction
from shared.errors import DomainError, Invalid, Problem


class Answer(BaseModel):
    """Whether one offer has enough volunteers.

    Attributes:
        answered_on: for which day; None for today.
    """

    programme_id: str
    enough: bool
    answered_on: date | None = None


class Answers(BaseModel):
    """Answers about several offers at once, each offer once."""

    answers: Annotated[list[Answer], Field(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer with the newest answer about it.

    Attributes:
        stale: nobody has answered for a year, or ever.
    """

    programme: Programme
    newest: Sufficiency | None
    stale: bool


async def answer_sufficiency(tx: Transaction, given: Sequence[Answer], staff: Staff, zone: ZoneInfo) -> int:
    """Note answers and announce those that say something new; all of them or none.

    Returns:
        How many said something new.

    Raises:
        Invalid: what is wrong with each answer that cannot be noted, such as `answers.3.answered_on`.
        Forbidden: one is about another organiser's offer.
    """
    today = tx.now.astimezone(zone).date()
    ids = [answer.programme_id for answer in given]
    programmes = await store.programmes_by_id(tx, ids)
    newest = await store.sufficiencies(tx, ids)
    problems: list[Problem] = []
    changed: dict[str, Sufficiency] = {}
    for n, answer in enumerate(given):
        programme = programmes.get(answer.programme_id)
        if programme is None:
            problems.append(Problem(f"answers.{n}.programme_id", "There is no such programme"))
            continue
        may(staff, programme)
        before = changed.get(answer.programme_id) or newest.get(answer.programme_id)
        try:
            after = sufficiency_answered(before, programme, answer.enough, answer.answered_on or today, today)
        except DomainError as error:
            problems += [Problem(f"answers.{n}.{one.field}", one.message, one.values) for one in error.problems]
            continue
        if after is not before:
            changed[answer.programme_id] = after
    if problems:
        raise Invalid(problems)
    for sufficiency in changed.values():
        tx.publish(publishes.sufficiency_answered(sufficiency), sequence=sufficiency.version)
    await store.save_sufficiencies(tx, list(changed.values()))
    return len(changed)


async def offers(at: Reading, staff: Staff, now: datetime, zone: ZoneInfo) -> Sequence[Offer]:
    """The offers that are running, those that nobody has been asked about for a year first, then by title."""
    programmes = await store.coming_programmes(at, staff, now)
    newest = await store.sufficiencies(at, [one.programme_id for one in programmes])
    today = now.astimezone(zone).date()
    found = [_offer(one, newest.get(one.programme_id), today) for one in programmes]
    return sorted(found, key=lambda offer: (not offer.stale, offer.programme.title, offer.programme.programme_id))


def _offer(programme: Programme, newest: Sufficiency | None, today: date) -> Offer:
    return Offer(programme, newest, newest is None or newest.stale(today))
