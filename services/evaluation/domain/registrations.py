"""A registration, put together from news that comes in any order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum

from motesplats_events import RegistrationStatus, Source
from services.evaluation.domain.measures.facts import Registered


class Step(StrEnum):
    """What can become of a registration; each is told on a topic of its own."""

    REGISTERED = "registered"
    OFFERED = "offered"
    PROMOTED = "promoted"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class News:
    """One step of one registration.

    Attributes:
        at: when it was taken.
        sequence: rises with every step.
        status: where the registration stands after it.
        came_by, referred_by: told when it is made.
        starts_on: the first day of a membership, told when a place is given.
        ended_on: the last day of a membership, told when it has ended.
    """

    step: Step
    at: datetime
    sequence: int
    status: RegistrationStatus
    came_by: Source | None = None
    referred_by: str | None = None
    starts_on: date | None = None
    ended_on: date | None = None


def registered(told: Mapping[Step, News], came: Sequence[date], zone: tzinfo) -> Registered:
    """The registration as the measures see it.

    Args:
        told: the newest of each step.
        came: the days on which the person attended.
        zone: in which a moment's day is told.
    """
    made, promoted, cancelled = told.get(Step.REGISTERED), told.get(Step.PROMOTED), told.get(Step.CANCELLED)
    given = max((news for news in (made, promoted) if news is not None), key=lambda news: news.sequence, default=None)
    placed = given if given is not None and given.status is RegistrationStatus.CONFIRMED else None
    # A registration that was made anew after it had been cancelled stands.
    ended = cancelled if cancelled and (given is None or given.sequence < cancelled.sequence) else None
    return Registered(
        on=_day(made, zone),
        waited=made is not None and made.status is RegistrationStatus.WAITING,
        came_by=made.came_by.value if made is not None and made.came_by is not None else None,
        referred_by=made.referred_by if made is not None else None,
        placed_on=_day(placed, zone),
        member_since=placed.starts_on if placed is not None else None,
        ended_on=(ended.ended_on if ended is not None else None) or _day(ended, zone),
        came=tuple(sorted(set(came))),
    )


def _day(news: News | None, zone: tzinfo) -> date | None:
    return news.at.astimezone(zone).date() if news is not None else None
