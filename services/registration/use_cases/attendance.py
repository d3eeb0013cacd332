"""Marking who came, and holding sessions."""

from collections.abc import Collection, Mapping

from services.registration import publishes, store
from services.registration.domain.attendance import Attendance, Mark, held, marked
from services.registration.domain.programmes import Programme
from shared.access import Staff, may
from shared.delivery import Transaction


async def mark_attendance(tx: Transaction, session_id: str, marks: Mapping[str, Mark], staff: Staff) -> Attendance:
    """Store who came. After the session was held this is a correction, and is announced.

    Raises:
        SessionNotFound, Forbidden, NotYetStarted, NotConfirmed.
    """
    programme = await store.programme_of_session(tx, session_id)
    may(staff, programme)
    roles = await store.roles_of_confirmed(tx, programme.programme_id)
    before = await store.attendance(tx, programme.programme_id, session_id)
    after = marked(before, marks, {*roles, *before.marks}, programme.session(session_id), tx.now)
    if after == before:
        return before
    if after.held_at:
        return await _announce(tx, programme, after)
    await store.save_attendance(tx, after)
    return after


async def hold_session(tx: Transaction, session_id: str, staff: Staff) -> Attendance:
    """Say that a session has taken place. Saying it again changes nothing.

    Raises:
        SessionNotFound, Forbidden, NotYetStarted.
    """
    programme = await store.programme_of_session(tx, session_id)
    may(staff, programme)
    attendance = await store.attendance(tx, programme.programme_id, session_id)
    if attendance.held_at:
        return attendance
    return await _announce(tx, programme, attendance)


async def _announce(tx: Transaction, programme: Programme, attendance: Attendance) -> Attendance:
    announced = held(attendance, programme.session(attendance.session_id), tx.now)
    await store.save_attendance(tx, announced)
    # Who came and has since cancelled the rest has still been there.
    roles = await store.roles_of_confirmed(tx, programme.programme_id)
    roles |= await store.roles_of(tx, programme.programme_id, announced.marks)
    tx.publish(publishes.session_held(announced, programme, roles), sequence=announced.version)
    tx.publish(publishes.attendance_recorded(announced), sequence=announced.version)
    return announced


async def mark_all(tx: Transaction, session_id: str, attended: Collection[str], staff: Staff, *, hold: bool) -> None:
    """Take a whole attendance list: who is not on it was absent. With `hold`, the session is announced as held.

    Raises:
        SessionNotFound, Forbidden, NotConfirmed, NotYetStarted.
    """
    programme = await store.programme_of_session(tx, session_id)
    listed = {*await store.roles_of_confirmed(tx, programme.programme_id), *attended}
    marks = {participant_id: Mark.ATTENDED if participant_id in attended else Mark.ABSENT for participant_id in listed}
    await mark_attendance(tx, session_id, marks, staff)
    if hold:
        await hold_session(tx, session_id, staff)
