"""Attendance, and holding sessions."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.registration import store
from services.registration.domain.attendance import Mark
from services.registration.routes.shapes import AttendanceIn, AttendanceOut
from services.registration.use_cases import attendance
from shared.access import Staff, may, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


def router(delivery: Delivery) -> APIRouter:
    """Routes about single sessions."""
    api = APIRouter()
    reading = delivery.reading

    @api.put("/sessions/{session_id}/attendance")
    async def mark(session_id: str, marks: AttendanceIn, staff: SignedIn) -> AttendanceOut:
        """Mark who came."""
        wanted = dict.fromkeys(marks.absent, Mark.ABSENT) | dict.fromkeys(marks.attended, Mark.ATTENDED)
        return AttendanceOut.of(
            await delivery.transact(
                lambda tx: attendance.mark_attendance(tx, session_id, wanted, staff), key=session_id
            )
        )

    @api.get("/sessions/{session_id}/attendance")
    async def marked(session_id: str, staff: SignedIn) -> AttendanceOut:
        """Who is marked so far."""
        programme = await store.programme_of_session(reading, session_id)
        may(staff, programme)
        return AttendanceOut.of(await store.attendance(reading, programme.programme_id, session_id))

    @api.post("/sessions/{session_id}/hold")
    async def hold(session_id: str, staff: SignedIn) -> AttendanceOut:
        """Say that the session has taken place; again is harmless."""
        return AttendanceOut.of(
            await delivery.transact(lambda tx: attendance.hold_session(tx, session_id, staff), key=session_id)
        )

    return api
