"""Who acts at a session: staff, or somebody who leads it by a link of their own."""

from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from services.registration import publishes, store
from services.registration.domain.programmes import MOST_HELPERS, Programme
from services.registration.domain.staffing import Leader, leader_of
from shared.access import Staff, may
from shared.delivery import Reading, Transaction
from shared.errors import DomainError, Forbidden

Actor: TypeAlias = Staff | Leader
LINK_PURPOSE = "lead"


async def leader(at: Reading, assignment_id: str, now: datetime) -> Leader:
    """Who leads by this assignment.

    Raises:
        Gone: it was never accepted, was given up, or its time has passed.
    """
    return leader_of(await store.assignment(at, assignment_id), now)


def may_lead(who: Actor, programme: Programme, session_id: str) -> None:
    """Let pass the staff of the programme, and those who lead this session.

    Raises:
        Forbidden.
    """
    if isinstance(who, Staff):
        may(who, programme)
    elif not who.leads(programme.programme_id, session_id):
        raise Forbidden("This link is for another session")


def may_mark(who: Actor, programme: Programme, session_id: str) -> None:
    """The same for attendance and headcount, which a lecturer has no part in.

    Raises:
        Forbidden.
    """
    may_lead(who, programme, session_id)
    if isinstance(who, Leader) and not who.takes_attendance:
        raise Forbidden("Attendance is taken by the facilitators and the staff")


async def set_needed(tx: Transaction, programme_id: str, facilitators: int, hosts: int, staff: Staff) -> Programme:
    """Say how many facilitators must have said yes before a session can open, and how many hosts each wants.

    Raises:
        ProgrammeNotFound, Forbidden.
        DomainError: a number that cannot be.
    """
    before = await store.programme(tx, programme_id)
    may(staff, before)
    for field, number in (("facilitators_needed", facilitators), ("hosts_needed", hosts)):
        if not 0 <= number <= MOST_HELPERS:
            raise DomainError("Give a number from 0 to {most}", field=field, most=MOST_HELPERS)
    if (facilitators, hosts) == (before.facilitators_needed, before.hosts_needed):
        return before
    after = replace(before, facilitators_needed=facilitators, hosts_needed=hosts, version=before.version + 1)
    await store.save_programme(tx, after)
    tx.publish(publishes.programme_planned(after), sequence=after.version)
    return after
