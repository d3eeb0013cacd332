"""Swaps: a host offers an own shift for another's. The other says yes, and both change at once.

To the other it is an offer like any, of the shift that the first would give, except that a yes gives one of their own
in return. So it has a link, an end date and a message from the start.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from motesplats_events import AssignmentStatus, VolunteerRole
from services.volunteers.domain.assignments import OPEN, Assignment, answer_by, released
from shared.errors import DomainError, Gone, NotFound


class NoSwap(DomainError):
    """These two shifts cannot change hands."""

    code = "no-swap"


class SwapNotFound(NotFound):
    """No swap has this id."""


class SwapIsVoid(Gone):
    """One of the two shifts is no longer its host's to give."""

    code = "swap-is-void"


@dataclass(frozen=True, slots=True)
class Swap:
    """What hangs on an offer.

    Attributes:
        offer_id: the offer to the other: a yes to it is a yes to the swap.
        gives: the proposer's assignment that the offer is about.
        takes: the other's assignment that the proposer gets.
    """

    offer_id: str
    gives: str
    takes: str


def check_swap(gives: Assignment, takes: Assignment, now: datetime) -> None:
    """Whether a host can propose to give one shift for another.

    Raises:
        NoSwap: they are not two accepted shifts to come, of two hosts.
    """
    for one in (gives, takes):
        at = one.task.at
        if one.role is not VolunteerRole.HOST or one.task.session_id is None or at is None:
            raise NoSwap("Only shifts can be swapped")
        if one.status is not AssignmentStatus.ACCEPTED or at <= now:
            raise NoSwap("Only shifts that are still to come can be swapped")
    if gives.volunteer_id == takes.volunteer_id or gives.task.session_id == takes.task.session_id:
        raise NoSwap("Choose a shift of somebody else, on another date")


def can_swap(gives: Assignment, takes: Assignment, own: Collection[Assignment], now: datetime) -> bool:
    """Whether a host may offer one shift for another, on which they are not yet."""
    taken = {one.task.session_id for one in own if one.status in OPEN}
    if takes.task.session_id in taken:
        return False
    with suppress(NoSwap):
        check_swap(gives, takes, now)
        return True
    return False


def swap_answer_by(gives: Assignment, takes: Assignment, now: datetime) -> datetime:
    """Until when the other can answer: as any offer, but before the first of the two shifts."""
    return min(answer_by(gives.task, now), answer_by(takes.task, now))


def swapped(
    swap: Swap, offer: Assignment, gives: Assignment, takes: Assignment, now: datetime
) -> tuple[Sequence[Assignment], Assignment]:
    """Both shifts after the other said yes.

    Returns:
        The two assignments that are given up, and the proposer's new one.

    Raises:
        SwapIsVoid.
    """
    for one in (gives, takes):
        if one.status is not AssignmentStatus.ACCEPTED or one.task.at is None or one.task.at <= now:
            raise SwapIsVoid("The other shift has changed since you were asked. Nothing is swapped")
    got = replace(
        offer,
        assignment_id=str(uuid5(UUID(swap.offer_id), takes.assignment_id)),
        volunteer_id=gives.volunteer_id,
        task=takes.task,
        status=AssignmentStatus.ACCEPTED,
        offered_at=now,
        version=1,
    )
    return [released(gives), released(takes)], got
