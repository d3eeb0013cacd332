"""What stands in a volunteer's calendar: what they have said yes to, and for a while what has been called off."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from motesplats_events import AssignmentStatus
from services.volunteers.domain.assignments import Assignment
from services.volunteers.domain.programmes import Programme

LOOKS_BACK = timedelta(days=60)
"""A calendar that was subscribed to keeps what has been by itself; this is for one that begins anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One time at which a volunteer has to be somewhere.

    Attributes:
        key: the same as long as it is the same assignment and session.
        sequence: rises with every change, so that a calendar replaces what it has.
        cancelled: it was in the calendar, and is called off.
    """

    key: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    place: str
    municipality: str
    cancelled: bool


def entries(assignments: Collection[Assignment], programmes: Mapping[str, Programme], now: datetime) -> Sequence[Entry]:
    """A volunteer's calendar, the earliest first.

    Args:
        programmes: by id; at least those that some assignment is for as a whole.
    """
    found = [
        entry
        for one in assignments
        if one.status in SHOWN
        for entry in _times(one, programmes.get(one.task.programme_id), now)
        if entry.ends_at > now - LOOKS_BACK
    ]
    return sorted(found, key=lambda entry: (entry.starts_at, entry.key))


SHOWN = (AssignmentStatus.ACCEPTED, AssignmentStatus.COMPLETED, AssignmentStatus.RELEASED)


def _times(one: Assignment, programme: Programme | None, now: datetime) -> Sequence[Entry]:
    given_up = one.status is AssignmentStatus.RELEASED and not one.part_done
    task = one.task
    if task.programme_id and task.session_id is None and programme is not None:
        # Of what was given up in between, or is done, nothing is to come.
        until = None if one.status is AssignmentStatus.ACCEPTED else task.until
        return [
            Entry(
                f"{one.assignment_id}/{session.session_id}",
                one.version,
                session.starts_at,
                session.ends_at,
                session.room or programme.place,
                programme.municipality,
                given_up
                or not programme.takes_place(session, now)
                or (until is not None and session.starts_at > until),
            )
            for session in programme.sessions
            if session.starts_at > one.offered_at
        ]
    return [
        Entry(
            f"{one.assignment_id}/{n}",
            one.version,
            span.starts_at,
            span.ends_at,
            task.place,
            task.municipality,
            given_up,
        )
        for n, span in enumerate(task.times)
    ]
