"""Planning programmes, and the trial clock that stories are played with."""

from datetime import UTC, datetime, timedelta

import uuid_utils
from pydantic import AwareDatetime, BaseModel, Field

from motesplats_events import Role, TrialClockMoved
from services.registration import publishes, store
from services.registration.domain.programmes import (
    LONGEST_SESSION_MINUTES,
    Programme,
    ProgrammeKind,
    Session,
    check_plan,
)
from shared.access import Staff, may
from shared.delivery import Transaction
from shared.errors import Conflict, DomainError, Gone, Invalid
from shared.text import Line

FURTHEST_CLOCK = timedelta(days=20 * 366)


class PlannedPlace(BaseModel):
    """Where a programme meets."""

    name: Line
    municipality: Line


class PlannedDate(BaseModel):
    """One session of a plan."""

    at: AwareDatetime
    minutes: int = Field(120, ge=1, le=LONGEST_SESSION_MINUTES)
    theme: Line


class Plan(BaseModel):
    """A programme that somebody wants to offer.

    Attributes:
        places: by role; a role that is not named has none.
    """

    title: Line
    organiser: Line
    kind: ProgrammeKind = ProgrammeKind.COURSE
    place: PlannedPlace
    places: dict[Role, int] = Field(default_factory=dict)
    sessions: list[PlannedDate]

    @property
    def municipality(self) -> str:
        """Where it meets, as `may` asks."""
        return self.place.municipality


async def plan_programme(tx: Transaction, plan: Plan, staff: Staff, programme_id: str) -> Programme:
    """Store a programme and announce it.

    Args:
        programme_id: made by the caller, so that a repeated run cannot make two.

    Raises:
        Forbidden: the organiser is not the staff member's.
        Invalid: dates or places are impossible; names each field.
    """
    may(staff, plan)
    problems = check_plan(plan.places, [date.at for date in plan.sessions], tx.now)
    if problems:
        raise Invalid(problems)
    programme = Programme(
        programme_id=programme_id,
        title=plan.title,
        organiser=plan.organiser,
        kind=plan.kind,
        place=plan.place.name,
        municipality=plan.place.municipality,
        places={role: plan.places.get(role, 0) for role in Role},
        sessions=[
            Session(str(uuid_utils.uuid7()), date.at.astimezone(UTC), date.minutes, date.theme)
            for date in sorted(plan.sessions, key=lambda date: date.at)
        ],
    )
    await store.add_programme(tx, programme)
    tx.publish(publishes.programme_planned(programme), sequence=programme.version)
    return programme


async def move_clock(tx: Transaction, to: datetime) -> float:
    """Set the platform's time: once to any time while nothing is planned, afterwards only forward.

    Returns:
        How far the platform is ahead of real time, in seconds.

    Raises:
        Conflict: the time lies before the platform's, and programmes exist.
    """
    version = await store.clock_version(tx)
    if abs(to - datetime.now(UTC)) > FURTHEST_CLOCK:
        raise DomainError("The clock can be at most twenty years from today", field="now")
    if to < tx.now and (version or await store.any_programme(tx)):
        raise Conflict("The clock can only be moved forward", field="now")
    ahead_by_seconds = (to - datetime.now(UTC)).total_seconds()
    await store.save_clock(tx, ahead_by_seconds, version + 1)
    tx.publish(TrialClockMoved(ahead_by_seconds=ahead_by_seconds), sequence=version + 1)
    return ahead_by_seconds


async def use_sign_in_link(tx: Transaction, id: str) -> None:
    """Note that a one-time sign-in link was used.

    Raises:
        Gone: it had been used before.
    """
    if not await store.use_sign_in(tx, id):
        raise Gone("This sign-in link has been used. Ask for a new one")
