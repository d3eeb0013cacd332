"""Moving, cancelling and adding sessions, themes, rooms, meeting links, and who leads."""

from typing import Annotated

from fastapi import APIRouter, Depends

from motesplats_events import VolunteerRole
from services.registration import store
from services.registration.domain.programmes import Programme
from services.registration.domain.staffing import facilitators_missing, late_lecturers, said_yes, waiting_offers
from services.registration.routes.session_shapes import (
    CancelIn,
    Ended,
    HelpersIn,
    MeetingLinkIO,
    MoveIn,
    RoomIn,
    SessionPlanIn,
    StaffedSession,
    StaffingOut,
)
from services.registration.routes.shapes import ProgrammeOut
from services.registration.settings import Settings
from services.registration.use_cases import leading, sessions
from shared.access import Staff, may, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """Routes that change what is planned."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    def shown(programme: Programme) -> ProgrammeOut:
        return ProgrammeOut.of(programme, programme.open_for_registration(now()))

    async def programme_of(session_id: str) -> str:
        return (await store.programme_of_session(reading, session_id)).programme_id

    @api.post("/sessions/{session_id}/move")
    async def move(session_id: str, to: MoveIn, staff: SignedIn) -> ProgrammeOut:
        """Move a session, or it and all after it; everybody who is registered is told."""
        return shown(
            await delivery.transact(
                lambda tx: sessions.move_session(tx, session_id, to.at, staff, zone, following=to.following),
                key=await programme_of(session_id),
            )
        )

    @api.post("/sessions/{session_id}/cancellation")
    async def cancel(session_id: str, what: CancelIn, staff: SignedIn) -> ProgrammeOut:
        """Cancel a session, or it and all after it."""
        return shown(
            await delivery.transact(
                lambda tx: sessions.cancel_session(tx, session_id, staff, zone, rest=what.rest),
                key=await programme_of(session_id),
            )
        )

    @api.delete("/sessions/{session_id}/cancellation")
    async def put_back(session_id: str, staff: SignedIn) -> ProgrammeOut:
        """Put a cancelled session back that is still to come."""
        return shown(
            await delivery.transact(
                lambda tx: sessions.put_session_back(tx, session_id, staff, zone), key=await programme_of(session_id)
            )
        )

    @api.put("/sessions/{session_id}/room")
    async def room(session_id: str, wanted: RoomIn, staff: SignedIn) -> ProgrammeOut:
        """Say in which room a session meets, or it and all after it."""
        return shown(
            await delivery.transact(
                lambda tx: sessions.set_room(tx, session_id, wanted, staff, zone, following=wanted.following),
                key=await programme_of(session_id),
            )
        )

    @api.put("/sessions/{session_id}/plan")
    async def plan(session_id: str, wanted: SessionPlanIn, staff: SignedIn) -> ProgrammeOut:
        """Say what a session is about, how long it lasts and by when a lecturer must have said yes."""
        return shown(
            await delivery.transact(
                lambda tx: sessions.set_plan(tx, session_id, wanted, staff, zone, following=wanted.following),
                key=await programme_of(session_id),
            )
        )

    @api.post("/programmes/{programme_id}/sessions", status_code=201)
    async def add(programme_id: str, more: sessions.More, staff: SignedIn) -> ProgrammeOut:
        """Add sessions by date or by a rule, such as the next half-year of a group."""
        return shown(
            await delivery.transact(
                lambda tx: sessions.add_sessions(tx, programme_id, more, staff, zone), key=programme_id
            )
        )

    @api.post("/programmes/{programme_id}/cancellation")
    async def cancel_programme(programme_id: str, staff: SignedIn) -> Ended:
        """Cancel a whole programme; every registration ends, and everybody is told."""
        ended = await delivery.transact(
            lambda tx: sessions.cancel_programme(tx, programme_id, staff, zone), key=programme_id
        )
        return Ended(registrations=ended)

    @api.get("/programmes/{programme_id}/meeting-link")
    async def meeting_link(programme_id: str, staff: SignedIn) -> MeetingLinkIO:
        """Where it meets digitally."""
        may(staff, await store.programme(reading, programme_id))
        return MeetingLinkIO(url=await store.meeting_link(reading, programme_id))

    @api.put("/programmes/{programme_id}/meeting-link")
    async def set_meeting_link(programme_id: str, link: MeetingLinkIO, staff: SignedIn) -> MeetingLinkIO:
        """Say where it meets digitally; only those with a place are told."""
        await delivery.transact(
            lambda tx: sessions.set_meeting_link(tx, programme_id, link.url or "", staff), key=programme_id
        )
        return MeetingLinkIO(url=await store.meeting_link(reading, programme_id))

    async def staffed(programme: Programme) -> StaffingOut:
        found = await store.staffing(reading, programme.programme_id)
        late = {session.session_id for session in late_lecturers(programme, found, now())}
        return StaffingOut(
            facilitators=said_yes(found, None, VolunteerRole.GROUP_LEADER),
            facilitators_needed=programme.facilitators_needed,
            hosts_needed=programme.hosts_needed,
            waiting_offers=len(waiting_offers(found, now())),
            sessions=[
                StaffedSession(
                    session_id=session.session_id,
                    facilitators=said_yes(found, session, VolunteerRole.GROUP_LEADER),
                    facilitators_missing=facilitators_missing(programme, session, found),
                    hosts=said_yes(found, session, VolunteerRole.HOST),
                    lecturers=said_yes(found, session, VolunteerRole.LECTURER),
                    lecturer_late=session.session_id in late,
                    lecturer_lead_days=session.lecturer_lead_days,
                )
                for session in programme.to_take_place
            ],
        )

    @api.get("/programmes/{programme_id}/staffing")
    async def staffing(programme_id: str, staff: SignedIn) -> StaffingOut:
        """Who leads, in numbers, as the volunteers service says."""
        programme = await store.programme(reading, programme_id)
        may(staff, programme)
        return await staffed(programme)

    @api.put("/programmes/{programme_id}/staffing")
    async def set_needed(programme_id: str, needed: HelpersIn, staff: SignedIn) -> StaffingOut:
        """Say how many facilitators and hosts it needs."""
        return await staffed(
            await delivery.transact(
                lambda tx: leading.set_needed(tx, programme_id, needed.facilitators_needed, needed.hosts_needed, staff),
                key=programme_id,
            )
        )

    return api
