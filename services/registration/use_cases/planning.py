"""Planning programmes, and the trial clock that stories are played with."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import uuid_utils
from pydantic import AwareDatetime, BaseModel, Field

from motesplats_events import Format, Role, TrialClockMoved
from services.registration import publishes, store
from services.registration.domain.kinds import RULES, ProgrammeKind
from services.registration.domain.programmes import (
    LONGEST_SESSION_MINUTES,
    MOST_HELPERS,
    MOST_PLACES,
    Programme,
    Promotion,
    Release,
    Session,
    check_plan,
)
from services.registration.domain.seasons import NotTheSame, check_first, dates_again, entries_again
from services.registration.domain.sessions import check_rooms
from services.registration.use_cases import seasons
from services.registration.use_cases.places import give_free_places
from shared.access import Staff, may
from shared.delivery import Transaction
from shared.errors import Conflict, DomainError, Gone, Invalid
from shared.text import Line

MOST_ENTRIES = 60
FURTHEST_CLOCK = timedelta(days=20 * 366)
Helpers = Annotated[int, Field(ge=0, le=MOST_HELPERS)]
LeadDays = Annotated[int, Field(ge=0, le=730)]
Spoken = Annotated[str, Field(pattern="^[a-z]{2,3}$")]


class PlannedPlace(BaseModel):
    """Where a programme meets."""

    name: Line
    municipality: Line


class PlannedDate(BaseModel):
    """One session of a plan."""

    at: AwareDatetime
    minutes: int = Field(120, ge=1, le=LONGEST_SESSION_MINUTES)
    theme: Line
    room: Line | None = None
    lecturer_lead_days: LeadDays | None = None
    room_holds: Annotated[int, Field(ge=1, le=MOST_PLACES)] | None = None
    room_municipality: Line | None = None


class PlannedRelease(BaseModel):
    """From a date on, places that one role has left belong to another."""

    at: AwareDatetime
    from_role: Role
    to_role: Role


class Offering(BaseModel):
    """What is said of a programme when it is planned, and can be said anew later.

    Attributes:
        about: the theme or diagnosis that it is for; empty for everybody.
        places: by role; a role that is not named has none.
        minimum: how many a group needs to begin.
        optimum: up to how many a group takes in new members by itself.
        entries: from which days new members may come; empty for any.
        promotion: what happens when a place becomes free: the next has it `at_once`, or it is an `offer`.
    """

    title: Line
    about: Line | Literal[""] = ""
    place: PlannedPlace
    places: dict[Role, int] = Field(default_factory=dict)
    minimum: int | None = None
    optimum: int | None = None
    entries: Annotated[list[date], Field(max_length=MOST_ENTRIES)] = []
    promotion: Promotion = Promotion.AT_ONCE
    offer_days: Annotated[int, Field(ge=1, le=30)] = 3
    releases: Annotated[list[PlannedRelease], Field(max_length=6)] = []


class Plan(Offering):
    """A programme that somebody wants to offer.

    Attributes:
        language: spoken there, an ISO 639 code.
        facilitators_needed: None for what its kind usually has.
        copy_of: the programme of an earlier season that this one continues.
        carry_over: offer places to who waits for that one, before anybody else can register.
    """

    organiser: Line
    kind: ProgrammeKind = ProgrammeKind.COURSE
    sessions: list[PlannedDate] = []
    format: Format = Format.PHYSICAL
    language: Spoken = "sv"
    facilitators_needed: Helpers | None = None
    hosts_needed: Helpers = 0
    copy_of: str | None = None
    carry_over: bool = False

    @property
    def municipality(self) -> str:
        """Where it meets, as `may` asks."""
        return self.place.municipality


async def plan_programme(tx: Transaction, plan: Plan, staff: Staff, programme_id: str, zone: ZoneInfo) -> Programme:
    """Store a programme and announce it. Who is carried over is offered a place, and then who wished for such a one.

    Args:
        programme_id: made by the caller, so that a repeated run cannot make two.

    Raises:
        Forbidden: the organiser is not the staff member's, or the queue that is carried over is not.
        ProgrammeNotFound: nothing has the id of the programme whose queue it is.
        Invalid: dates or places are impossible, or nobody can be carried over; names each field.
    """
    may(staff, plan)
    releases = [Release(r.at.astimezone(UTC), r.from_role, r.to_role) for r in plan.releases]
    problems = check_plan(
        plan.kind,
        plan.places,
        [date.at for date in plan.sessions],
        tx.now,
        minimum=plan.minimum,
        optimum=plan.optimum,
        entries=plan.entries,
        releases=releases,
    )
    problems += check_rooms(plan.places, [date.room_holds for date in plan.sessions])
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
        sessions=[session_of(date) for date in sorted(plan.sessions, key=lambda date: date.at)],
        about=plan.about,
        format=plan.format,
        language=plan.language,
        minimum=plan.minimum,
        optimum=plan.optimum,
        entries=sorted(set(plan.entries)),
        promotion=plan.promotion,
        offer_days=plan.offer_days,
        releases=releases,
        facilitators_needed=(
            RULES[plan.kind].facilitators if plan.facilitators_needed is None else plan.facilitators_needed
        ),
        hosts_needed=plan.hosts_needed,
        copy_of=plan.copy_of,
    )
    await store.add_programme(tx, programme)
    tx.publish(publishes.programme_planned(programme), sequence=programme.version)
    if plan.carry_over:
        await _carry_over(tx, plan.copy_of, programme_id, staff, zone)
    await give_free_places(tx, programme_id, zone)
    return await store.programme(tx, programme_id)


async def _carry_over(tx: Transaction, copy_of: str | None, programme_id: str, staff: Staff, zone: ZoneInfo) -> None:
    if copy_of is None:
        raise DomainError("Say which programme they wait for", field="copy_of")
    if not await store.waiting(tx, copy_of):
        return
    try:
        await seasons.carry_over(tx, copy_of, programme_id, staff, zone)
    except NotTheSame as error:
        raise DomainError(
            "They cannot be asked: it is of another kind than what they wait for, or begins too soon. Untick this",
            field="carry_over",
        ) from error


def plan_again(programme: Programme, first: date, zone: ZoneInfo, now: datetime) -> Plan:
    """A plan like this programme for a new season, its first session on `first`.

    Its places are those from before any went from one role to another; its releases are to be dated anew.

    Raises:
        DomainError: no new season can begin on this day; on the field `first`.
    """
    check_first(first, now.astimezone(zone).date())
    dates = dates_again(programme, first, zone)
    return Plan(
        title=programme.title,
        organiser=programme.organiser,
        kind=programme.kind,
        place=PlannedPlace(name=programme.place, municipality=programme.municipality),
        places=dict(programme.planned or programme.places),
        sessions=[
            PlannedDate(
                at=at,
                minutes=session.minutes,
                theme=session.theme,
                room=session.room,
                lecturer_lead_days=session.lecturer_lead_days,
                room_holds=session.room_holds,
                room_municipality=session.room_municipality,
            )
            for at, session in zip(dates, programme.to_take_place, strict=True)
        ],
        about=programme.about,
        format=programme.format,
        language=programme.language,
        minimum=programme.minimum,
        optimum=programme.optimum,
        entries=entries_again(programme, first, zone),
        promotion=programme.promotion,
        offer_days=programme.offer_days,
        facilitators_needed=programme.facilitators_needed,
        hosts_needed=programme.hosts_needed,
        copy_of=programme.programme_id,
    )


def session_of(date: PlannedDate) -> Session:
    """A new session as it was planned."""
    return Session(
        session_id=str(uuid_utils.uuid7()),
        starts_at=date.at.astimezone(UTC),
        minutes=date.minutes,
        theme=date.theme,
        room=date.room,
        lecturer_lead_days=date.lecturer_lead_days,
        room_holds=date.room_holds,
        room_municipality=date.room_municipality,
    )


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
