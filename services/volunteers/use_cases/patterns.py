"""Filling a season: standing patterns, and sharing out what is free among several hosts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import NAMESPACE_OID, uuid4, uuid5

from pydantic import BaseModel, Field

from motesplats_events import AssignmentStatus
from services.volunteers import store
from services.volunteers.domain.assignments import Assignment, assigned, offered, released
from services.volunteers.domain.patterns import LONGEST_TURN, Pattern, PatternGivesNothing, Weekday, continued, ended
from services.volunteers.domain.programmes import Programme, Session
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.sharing import shared_out
from services.volunteers.domain.shifts import A_YEAR, SaidNo, Shift, shift_of
from services.volunteers.domain.trainings import Training
from services.volunteers.domain.volunteers import Volunteer
from services.volunteers.use_cases import swaps
from services.volunteers.use_cases.changing import add, close_unanswered, save
from services.volunteers.use_cases.pool import seen_volunteer
from services.volunteers.use_cases.shifts import settle
from shared.access import Staff, may
from shared.delivery import Reading, Transaction
from shared.errors import DomainError


class NewPattern(BaseModel):
    """Which sessions of a programme a host takes.

    Attributes:
        every: 1 for each session that fits, 2 for every second.
        weekday: only sessions on this day; None for any.
        first_on: the first day that counts: the first fitting session from then on is the host's.
        last_on: the last day; None until it is ended.
    """

    volunteer_id: str
    every: Annotated[int, Field(ge=1, le=LONGEST_TURN)] = 1
    weekday: Weekday | None = None
    first_on: date
    last_on: date | None = None


class Sharing(BaseModel):
    """Hosts among whom the free places of a season are shared out.

    Attributes:
        last_on: no shift after this day; None for all that are planned.
    """

    volunteer_ids: Annotated[list[str], Field(min_length=1, max_length=500)]
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of filling a season.

    Attributes:
        given: the new assignments.
        not_given: why a host got none of a session, by volunteer id and session id.
        still_free: places in the programme's coming shifts that want somebody.
    """

    given: Sequence[Assignment]
    not_given: Mapping[tuple[str, str], DomainError]
    still_free: int = 0


async def preview(
    at: Reading, programme_id: str, wanted: NewPattern, staff: Staff, rules: Rules, now: datetime
) -> Filled:
    """What a pattern would give.

    Raises:
        ProgrammeNotFound, Forbidden, VolunteerNotFound, PatternGivesNothing.
    """
    programme = await store.programme(at, programme_id)
    may(staff, programme)
    volunteer = await seen_volunteer(at, wanted.volunteer_id, staff)
    _, sessions = _sessions(programme, wanted, str(uuid4()), rules, now)
    own = await store.assignments_of(at, volunteer.volunteer_id)
    by_id = {str(uuid4()): session for session in sessions}
    return _planned(programme, volunteer, by_id, own, await store.catalogue(at), rules, now)


async def add_pattern(
    tx: Transaction, programme_id: str, wanted: NewPattern, staff: Staff, pattern_id: str, rules: Rules
) -> tuple[Pattern, Filled]:
    """Let a host stand on the rota by a pattern; the sessions that are planned are theirs at once.

    Args:
        pattern_id: made by the caller, so that a repeated run cannot make two.

    Raises:
        ProgrammeNotFound, Forbidden, VolunteerNotFound, PatternGivesNothing, and what `offered` raises when the host
        cannot be given a single session.
    """
    programme = await store.programme(tx, programme_id)
    may(staff, programme)
    volunteer = await seen_volunteer(tx, wanted.volunteer_id, staff)
    pattern, sessions = _sessions(programme, wanted, pattern_id, rules, tx.now)
    filled = await _give(tx, programme, pattern, volunteer, sessions, rules)
    if not filled.given:
        raise next(iter(filled.not_given.values()))
    await store.add_pattern(tx, pattern)
    return pattern, filled


def _sessions(
    programme: Programme, wanted: NewPattern, pattern_id: str, rules: Rules, now: datetime
) -> tuple[Pattern, Sequence[Session]]:
    pattern = Pattern(
        pattern_id=pattern_id,
        programme_id=programme.programme_id,
        organiser=programme.organiser,
        municipality=programme.municipality,
        volunteer_id=wanted.volunteer_id,
        every=wanted.every,
        weekday=wanted.weekday,
        first_on=wanted.first_on,
        last_on=wanted.last_on,
    )
    ahead = [session for session in programme.sessions if session.starts_at > now]
    pattern, sessions = continued(pattern, ahead, rules.zone)
    if not sessions or not programme.hosts_needed or programme.cancelled:
        raise PatternGivesNothing("No session to come that wants hosts fits this", field="first_on")
    return pattern, sessions


async def continue_patterns(tx: Transaction, programme: Programme, sessions: Sequence[Session], rules: Rules) -> None:
    """Give out sessions that have been added to a programme, the earliest first."""
    for before in await store.patterns_of(tx, programme.programme_id):
        after, own = continued(before, sessions, rules.zone)
        if after is not before:
            volunteer = await store.volunteer(tx, after.volunteer_id)
            await _give(tx, programme, after, volunteer, own, rules)
            await store.save_pattern(tx, after)


async def end_pattern(tx: Transaction, pattern_id: str, last_on: date, staff: Staff, rules: Rules) -> Pattern:
    """Let a pattern end with a day; what it had given out after that is free again.

    Raises:
        PatternNotFound, Forbidden.
    """
    before = await store.pattern(tx, pattern_id)
    may(staff, before)
    after = ended(before, last_on)
    programme = await store.programme(tx, before.programme_id)
    later = [session for session in programme.sessions if rules.day(session.starts_at) > last_on]
    theirs = {after.assignment_id(session.session_id) for session in later if session.starts_at > tx.now}
    for one in await store.open_assignments(tx, programme.programme_id):
        if one.assignment_id in theirs and one.status is AssignmentStatus.ACCEPTED:
            await save(tx, released(one))
            await swaps.call_off(tx, [one.assignment_id])
    if after is not before:
        await store.save_pattern(tx, after)
    return after


async def share_out(tx: Transaction, programme_id: str, sharing: Sharing, staff: Staff, rules: Rules) -> Filled:
    """Give the free places of a programme's coming shifts to hosts who have said yes, to each as many as to the others.

    Raises:
        ProgrammeNotFound, Forbidden, VolunteerNotFound.
    """
    programme = await store.programme(tx, programme_id)
    may(staff, programme)
    rotas = [
        rota
        for rota in await store.rotas_of(tx, programme_id)
        if rota.shift.at > tx.now and (sharing.last_on is None or rules.day(rota.shift.at) <= sharing.last_on)
    ]
    hosts = {volunteer_id: await seen_volunteer(tx, volunteer_id, staff) for volunteer_id in sharing.volunteer_ids}
    since = min((rota.shift.at for rota in rotas), default=tx.now) - A_YEAR
    work = await store.work_of(tx, hosts, since)
    own = {host: work.get(host, []) for host in hosts}
    catalogue = await store.catalogue(tx)
    not_given: dict[tuple[str, str], DomainError] = {}

    freed = {
        pattern.assignment_id(rota.shift.session_id)
        for pattern in await store.patterns_of(tx, programme_id)
        for rota in rotas
        if pattern.last_on is not None and rules.day(rota.shift.at) > pattern.last_on
    }
    said_no = {rota.shift.session_id: rota.said_no(freed) for rota in rotas}

    def can(host: str, shift: Shift) -> bool:
        try:
            if host in said_no[shift.session_id]:
                raise SaidNo("This host said no to the shift or was taken off it. Put them on it one by one")
            offered("", hosts[host], shift.task, own[host], catalogue, rules, tx.now)
        except DomainError as error:
            not_given[host, shift.session_id] = error
            return False
        return True

    free = [rota.free(tx.now) for rota in rotas]
    given = []
    for shift, host in shared_out(rotas, list(hosts), free, can):
        before = sum(one.task.session_id == shift.session_id for one in own[host])
        # Made of what is the same when the transaction runs again, so that a repeated run cannot give twice.
        assignment_id = str(uuid5(NAMESPACE_OID, f"{shift.session_id}/{host}/{before}/shared"))
        given.append(assigned(offered(assignment_id, hosts[host], shift.task, own[host], catalogue, rules, tx.now)))
    await _put_in(tx, given, own)
    return Filled(given, not_given, sum(free) - len(given))


async def _give(
    tx: Transaction,
    programme: Programme,
    pattern: Pattern,
    volunteer: Volunteer,
    sessions: Sequence[Session],
    rules: Rules,
) -> Filled:
    own = await store.assignments_of(tx, volunteer.volunteer_id)
    by_id = {pattern.assignment_id(session.session_id): session for session in sessions}
    filled = _planned(programme, volunteer, by_id, own, await store.catalogue(tx), rules, tx.now)
    await _put_in(tx, filled.given, {volunteer.volunteer_id: own})
    return filled


def _planned(
    programme: Programme,
    volunteer: Volunteer,
    sessions: Mapping[str, Session],
    own: Sequence[Assignment],
    catalogue: Sequence[Training],
    rules: Rules,
    now: datetime,
) -> Filled:
    """What a host would be given of these sessions, by the id that the assignment gets."""
    known = {one.assignment_id for one in own}
    given: list[Assignment] = []
    not_given: dict[tuple[str, str], DomainError] = {}
    for assignment_id, session in sessions.items():
        if assignment_id in known:
            continue
        task = shift_of(programme, session, now).task
        try:
            given.append(assigned(offered(assignment_id, volunteer, task, [*own, *given], catalogue, rules, now)))
        except DomainError as error:
            not_given[volunteer.volunteer_id, session.session_id] = error
    return Filled(given, not_given)


async def _put_in(tx: Transaction, given: Sequence[Assignment], own: Mapping[str, Sequence[Assignment]]) -> None:
    for one in given:
        await close_unanswered(tx, own[one.volunteer_id], one.task)
    await add(tx, given)
    await settle(tx, [one.task.session_id or "" for one in given])
