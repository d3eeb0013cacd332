"""Attendance, headcount, themes, and holding sessions."""

from typing import Annotated

import uuid_utils
from fastapi import APIRouter, Depends

from motesplats_events import Role
from services.registration import store
from services.registration.domain.headcount import Entry, hour_of
from services.registration.routes.session_shapes import (
    AttendanceIn,
    AttendanceOut,
    EntryIn,
    HeadcountIn,
    HeadcountOut,
    TakenUpIn,
    ThemeIn,
    ThemeOut,
)
from services.registration.settings import Settings
from services.registration.use_cases import attendance, themes
from shared.access import Staff, may, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """Routes about what happens at single sessions."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now

    @api.put("/sessions/{session_id}/attendance")
    async def mark(session_id: str, sent: AttendanceIn, staff: SignedIn) -> AttendanceOut:
        """Mark who came."""
        return AttendanceOut.of(
            await delivery.transact(
                lambda tx: attendance.mark_attendance(tx, session_id, sent.marks(), staff), key=session_id
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

    @api.get("/sessions/{session_id}/headcount")
    async def headcount(session_id: str, staff: SignedIn) -> HeadcountOut:
        """How many visitors were counted."""
        programme = await store.programme_of_session(reading, session_id)
        may(staff, programme)
        return HeadcountOut.of(await store.attendance(reading, programme.programme_id, session_id))

    @api.post("/sessions/{session_id}/headcount")
    async def count(session_id: str, sent: EntryIn, staff: SignedIn) -> HeadcountOut:
        """Count visitors who came now; the same entry again is harmless."""
        session = (await store.programme_of_session(reading, session_id)).session(session_id)
        entry = sent.entry(hour_of(session, now(), settings.zone))
        return HeadcountOut.of(
            await delivery.transact(lambda tx: attendance.count_visitors(tx, session_id, entry, staff), key=session_id)
        )

    @api.delete("/sessions/{session_id}/headcount/{entry_id}")
    async def take_back(session_id: str, entry_id: str, staff: SignedIn) -> HeadcountOut:
        """Take an entry back; again is harmless."""
        return HeadcountOut.of(
            await delivery.transact(
                lambda tx: attendance.take_back_entry(tx, session_id, entry_id, staff), key=session_id
            )
        )

    @api.put("/sessions/{session_id}/headcount")
    async def correct(session_id: str, sent: HeadcountIn, staff: SignedIn) -> HeadcountOut:
        """Say what is right instead of all that was counted."""
        instead = [Entry(str(uuid_utils.uuid7()), v.hour, v.role, v.number) for v in sent.visitors if v.number]
        if sent.first_visits or sent.age_bands:
            more = Entry(str(uuid_utils.uuid7()), 0, Role.OTHER, 0, sent.first_visits, sent.age_bands)
            instead.append(more)
        return HeadcountOut.of(
            await delivery.transact(
                lambda tx: attendance.correct_headcount(tx, session_id, instead, staff), key=session_id
            )
        )

    async def all_themes(session_id: str, staff: Staff) -> list[ThemeOut]:
        programme = await store.programme_of_session(reading, session_id)
        may(staff, programme)
        found = await store.themes(reading, programme.programme_id)
        return [ThemeOut.of(theme) for theme in found if not theme.dropped]

    @api.get("/sessions/{session_id}/themes")
    async def passed_on(session_id: str, staff: SignedIn) -> list[ThemeOut]:
        """The themes that the group of this session has passed on, the oldest first."""
        return await all_themes(session_id, staff)

    @api.post("/sessions/{session_id}/themes", status_code=201)
    async def note(session_id: str, theme: ThemeIn, staff: SignedIn) -> list[ThemeOut]:
        """Pass a theme on to the next session; the same again is harmless."""
        await delivery.transact(lambda tx: themes.note_theme(tx, session_id, theme.theme_id, theme.text, staff))
        return await all_themes(session_id, staff)

    @api.put("/sessions/{session_id}/themes/{theme_id}")
    async def take_up(session_id: str, theme_id: str, sent: TakenUpIn, staff: SignedIn) -> list[ThemeOut]:
        """Say that a theme was taken up at this session, or take that back."""
        await delivery.transact(lambda tx: themes.take_up_theme(tx, session_id, theme_id, staff, done=sent.done))
        return await all_themes(session_id, staff)

    @api.delete("/sessions/{session_id}/themes/{theme_id}")
    async def drop(session_id: str, theme_id: str, staff: SignedIn) -> list[ThemeOut]:
        """Take a theme away that was noted by mistake."""
        await delivery.transact(lambda tx: themes.drop_theme(tx, session_id, theme_id, staff))
        return await all_themes(session_id, staff)

    return api
