"""Marking who came, counting visitors, and holding sessions: by staff, or by those who lead."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.registration import publishes, store
from services.registration.domain.attendance import (
    Attendance,
    Listed,
    Mark,
    Sheet,
    changes,
    check_under_way,
    held,
    marked,
)
from services.registration.domain.headcount import Entry, corrected, counted, taken_back
from services.registration.domain.kinds import Admission
from services.registration.domain.programmes import Programme, Session
from services.registration.domain.staffing import check_can_open
from services.registration.use_cases.leading import Actor, may_mark
from shared.access import Staff, may
from shared.delivery import Reading, Transaction
from shared.errors import Conflict


class NobodyRegisters(Conflict):
    """Visitors are counted where nobody registers, and listed where somebody does."""

    code = "nobody-registers"


async def on_the_list(at: Reading, programme: Programme, session: Session) -> Sequence[Listed]:
    """Everybody who had a place when a session began or has one for it, or was marked there; and its guests."""
    attendance = await store.attendance(at, programme.programme_id, session.session_id)
    found = [
        Listed(r.participant_id, r.person_id, r.role)
        for r in await store.registrations(at, programme.programme_id)
        # Who came and has since left has still been there; who came in later is not missed.
        if r.has_a_place_at(session) or r.participant_id in attendance.marks
    ]
    guests = [g for g in await store.guests(at, programme.programme_id) if g.session_id == session.session_id]
    return [*found, *(Listed(g.guest_id, g.person_id, g.role, guest=True) for g in guests)]


async def mark_attendance(tx: Transaction, session_id: str, marks: Mapping[str, Mark | None], who: Actor) -> Attendance:
    """Store who came. After the session was held this is a correction, and is announced.

    Raises:
        SessionNotFound, Forbidden, NotYetStarted, SessionIsCancelled, NotConfirmed, FacilitatorsMissing.
    """
    programme, session, before = await _opened(tx, session_id, who)
    listed = await on_the_list(tx, programme, session)
    after = marked(before, marks, [one.participant_id for one in listed], session, tx.now)
    return await _keep(tx, programme, before, after)


async def take_sheet(tx: Transaction, session_id: str, sheet: Sheet, who: Actor) -> Attendance:
    """Take an attendance list as it was sent. With `sheet.hold`, the session is announced as held.

    Raises:
        SessionNotFound, Forbidden, NotYetStarted, SessionIsCancelled, NotConfirmed, FacilitatorsMissing.
    """
    programme = await store.programme_of_session(tx, session_id)
    before = await store.attendance(tx, programme.programme_id, session_id)
    after = await mark_attendance(tx, session_id, changes(sheet, before), who)
    return await hold_session(tx, session_id, who) if sheet.hold else after


async def count_visitors(tx: Transaction, session_id: str, entry: Entry, who: Actor) -> Attendance:
    """Count visitors of a drop-in; the same entry again changes nothing.

    Raises:
        SessionNotFound, Forbidden, NotYetStarted, SessionIsCancelled, NobodyRegisters, FacilitatorsMissing.
        DomainError: it says more than can be, see `check_headcount`.
    """
    programme, _, before = await _counting(tx, session_id, who)
    return await _keep(tx, programme, before, replace(before, entries=counted(before.entries, entry)))


async def take_back_entry(tx: Transaction, session_id: str, entry_id: str, who: Actor) -> Attendance:
    """Take back an entry of the headcount; again is harmless.

    Raises:
        SessionNotFound, Forbidden, NotYetStarted, SessionIsCancelled, NobodyRegisters, FacilitatorsMissing.
    """
    programme, _, before = await _counting(tx, session_id, who)
    return await _keep(tx, programme, before, replace(before, entries=taken_back(before.entries, entry_id)))


async def correct_headcount(
    tx: Transaction, session_id: str, instead: Sequence[Entry], staff: Staff, seen: int | None = None
) -> Attendance:
    """Put the whole headcount right.

    Args:
        seen: how many entries there were when the form was made; None to replace whatever there is.

    Raises:
        SessionNotFound, Forbidden, NotYetStarted, SessionIsCancelled, NobodyRegisters, CountedMeanwhile.
        DomainError: it says more than can be, see `check_headcount`.
    """
    programme, _, before = await _counting(tx, session_id, staff)
    may(staff, programme)
    return await _keep(tx, programme, before, replace(before, entries=corrected(before.entries, instead, seen)))


async def hold_session(tx: Transaction, session_id: str, who: Actor) -> Attendance:
    """Say that a session has taken place. Saying it again changes nothing.

    Raises:
        SessionNotFound, Forbidden, NotYetStarted, SessionIsCancelled, FacilitatorsMissing.
    """
    programme, _, attendance = await _opened(tx, session_id, who)
    return attendance if attendance.held_at else await _announce(tx, programme, attendance)


async def _opened(tx: Transaction, session_id: str, who: Actor) -> tuple[Programme, Session, Attendance]:
    """A session that is under way or has been, and what is known of it."""
    programme = await store.programme_of_session(tx, session_id)
    may_mark(who, programme, session_id)
    session = programme.session(session_id)
    check_under_way(session, tx.now)
    attendance = await store.attendance(tx, programme.programme_id, session_id)
    # What was held is put right even if a facilitator has left since.
    if not attendance.held_at:
        check_can_open(programme, session, await store.staffing(tx, programme.programme_id))
    return programme, session, attendance


async def _counting(tx: Transaction, session_id: str, who: Actor) -> tuple[Programme, Session, Attendance]:
    programme, session, attendance = await _opened(tx, session_id, who)
    if programme.rules.admission is not Admission.WALK_IN:
        raise NobodyRegisters("Visitors are counted only where nobody registers. Mark who came instead")
    return programme, session, attendance


async def _keep(tx: Transaction, programme: Programme, before: Attendance, after: Attendance) -> Attendance:
    if after == before:
        return before
    if after.held_at:
        return await _announce(tx, programme, after)
    await store.save_attendance(tx, after)
    return after


async def _announce(tx: Transaction, programme: Programme, attendance: Attendance) -> Attendance:
    session = programme.session(attendance.session_id)
    announced = held(attendance, session, tx.now)
    await store.save_attendance(tx, announced)
    roles = {one.participant_id: one.role for one in await on_the_list(tx, programme, session)}
    tx.publish(publishes.session_held(announced, programme, roles), sequence=announced.version)
    if programme.rules.admission is Admission.WALK_IN:
        tx.publish(publishes.headcount_recorded(announced), sequence=announced.version)
    else:
        tx.publish(publishes.attendance_recorded(announced), sequence=announced.version)
    return announced
