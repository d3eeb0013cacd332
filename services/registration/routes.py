"""JSON API: programmes, registrations, attendance, and the trial clock."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

import uuid_utils
from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from motesplats_events import RegistrationStatus, Role
from services.registration import store
from services.registration.domain.attendance import Attendance, Mark
from services.registration.domain.programmes import Programme, Room
from services.registration.domain.recurrence import Country, dates_of
from services.registration.domain.registrations import LINK_PURPOSE, counted, positions
from services.registration.settings import Settings
from services.registration.use_cases import attendance, places, planning
from shared.access import Staff, may, read_link, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class SessionOut(BaseModel):
    """One session."""

    session_id: str
    at: AwareDatetime
    minutes: int
    theme: str


class PlacesOut(BaseModel):
    """How many places a role has, and whether any are left."""

    places: int
    room: Room


class ProgrammeOut(BaseModel):
    """A programme as everybody may see it."""

    programme_id: str
    title: str
    organiser: str
    kind: str
    place: str
    municipality: str
    sessions: list[SessionOut]
    roles: dict[Role, PlacesOut]
    open: bool


class RegistrationOut(BaseModel):
    """A registration as staff see it.

    Attributes:
        position: place in the queue; None without one.
        repeated: how often the same person sent the form again.
    """

    participant_id: str
    name: str
    role: Role
    status: RegistrationStatus
    position: int | None
    email: str | None
    phone: str | None
    language: str
    repeated: int
    registered_at: AwareDatetime


class RegistrationsOut(BaseModel):
    """A programme's registrations in the order they were made."""

    counts: dict[RegistrationStatus, int]
    registrations: list[RegistrationOut]


class Received(BaseModel):
    """The same answer whether or not the person was registered before."""

    status: Literal["received"] = "received"


class CancellationIn(BaseModel):
    """The last part of a personal link."""

    token: str


class AttendanceIn(BaseModel):
    """Who came, and who did not; whoever is named in neither keeps what was marked before."""

    attended: list[str]
    absent: list[str] = []


class AttendanceOut(BaseModel):
    """What is now marked for a session."""

    session_id: str
    attended: list[str]
    absent: list[str]
    held_at: AwareDatetime | None


class RuleIn(BaseModel):
    """A rule for dates.

    Attributes:
        first: where it begins; sessions are at its time of day, in the platform's zone.
        rule: RFC 5545, with COUNT or UNTIL: `FREQ=WEEKLY;INTERVAL=2;COUNT=10`.
        without_holidays_of: whose public holidays are left out.
    """

    first: AwareDatetime
    rule: str
    without_holidays_of: Country | None = None


class LeftOut(BaseModel):
    """A date of the rule on which a holiday falls."""

    on: date
    holiday: str


class DatesOut(BaseModel):
    """What a rule gives, before anything is planned."""

    at: list[AwareDatetime]
    left_out: list[LeftOut]


class ClockIO(BaseModel):
    """The platform's time."""

    now: AwareDatetime


def _programme_out(programme: Programme, open: bool) -> ProgrammeOut:
    return ProgrammeOut(
        programme_id=programme.programme_id,
        title=programme.title,
        organiser=programme.organiser,
        kind=programme.kind,
        place=programme.place,
        municipality=programme.municipality,
        sessions=[
            SessionOut(session_id=s.session_id, at=s.starts_at, minutes=s.minutes, theme=s.theme)
            for s in programme.sessions
        ],
        roles={role: PlacesOut(places=n, room=programme.room(role)) for role, n in programme.places.items()},
        open=open,
    )


def _attendance_out(attendance: Attendance) -> AttendanceOut:
    by_mark = {mark: sorted(id for id, m in attendance.marks.items() if m is mark) for mark in Mark}
    return AttendanceOut(
        session_id=attendance.session_id,
        attended=by_mark[Mark.ATTENDED],
        absent=by_mark[Mark.ABSENT],
        held_at=attendance.held_at,
    )


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /api/registration."""
    api = APIRouter(prefix="/api/registration", tags=["registration"])
    reading = delivery.reading
    now = delivery.clock.now

    @api.post("/programmes", status_code=201)
    async def plan(plan: planning.Plan, staff: SignedIn) -> ProgrammeOut:
        """Plan a programme with its sessions and places."""
        programme_id = str(uuid_utils.uuid7())
        programme = await delivery.transact(lambda tx: planning.plan_programme(tx, plan, staff, programme_id))
        return _programme_out(programme, programme.open_for_registration(now()))

    @api.post("/dates", dependencies=[Depends(staff)])
    async def dates(wanted: RuleIn) -> DatesOut:
        """What a rule gives, to look at before a programme is planned; stores nothing."""
        found = dates_of(wanted.rule, wanted.first, settings.zone, wanted.without_holidays_of)
        return DatesOut(
            at=[start.astimezone(settings.zone) for start in found.starts],
            left_out=[LeftOut(on=day, holiday=name) for day, name in found.left_out.items()],
        )

    @api.get("/programmes")
    async def programmes() -> list[ProgrammeOut]:
        """Programmes that have not ended, the next to begin first."""
        found = await store.current_programmes(reading, now())
        return [_programme_out(programme, programme.open_for_registration(now())) for programme in found]

    @api.get("/programmes/{programme_id}")
    async def programme(programme_id: str) -> ProgrammeOut:
        """One programme and how full it is."""
        found = await store.programme(reading, programme_id)
        return _programme_out(found, found.open_for_registration(now()))

    @api.post("/programmes/{programme_id}/registrations", status_code=202)
    async def register(programme_id: str, application: places.Application) -> Received:
        """Register. Whether there was a place is told in the message that follows, and to nobody else."""
        guarded = not settings.unguarded_places
        await delivery.transact(
            lambda tx: places.register_participant(tx, programme_id, application, guarded=guarded),
            key=programme_id if guarded else None,
        )
        return Received()

    @api.get("/programmes/{programme_id}/registrations")
    async def registrations(programme_id: str, staff: SignedIn) -> RegistrationsOut:
        """Who has registered, for staff."""
        may(staff, await store.programme(reading, programme_id))
        found = await store.registrations(reading, programme_id)
        queue = positions(found)
        return RegistrationsOut(
            counts=counted(found),
            registrations=[
                RegistrationOut(
                    participant_id=r.participant_id,
                    name=r.name,
                    role=r.role,
                    status=r.status,
                    position=queue.get(r.participant_id),
                    email=r.contact.email,
                    phone=r.contact.phone,
                    language=r.language,
                    repeated=r.repeated,
                    registered_at=r.registered_at,
                )
                for r in found
            ],
        )

    @api.post("/cancellations")
    async def cancel_by_link(cancellation: CancellationIn) -> dict[str, str]:
        """Cancel with a personal link. 410 when it was used, has expired or was never given out."""
        participant_id = read_link(settings, LINK_PURPOSE, cancellation.token, now())
        programme_id = (await store.registration(reading, participant_id)).programme_id
        await delivery.transact(lambda tx: places.cancel_registration(tx, participant_id), key=programme_id)
        return {"status": "cancelled"}

    @api.post("/programmes/{programme_id}/registrations/{participant_id}/cancellation")
    async def cancel(programme_id: str, participant_id: str, staff: SignedIn) -> dict[str, str]:
        """Cancel for somebody who called."""
        may(staff, await store.programme(reading, programme_id))
        await delivery.transact(
            lambda tx: places.cancel_registration(tx, participant_id, programme_id=programme_id),
            key=programme_id,
        )
        return {"status": "cancelled"}

    @api.put("/sessions/{session_id}/attendance")
    async def mark(session_id: str, marks: AttendanceIn, staff: SignedIn) -> AttendanceOut:
        """Mark who came."""
        wanted = dict.fromkeys(marks.absent, Mark.ABSENT) | dict.fromkeys(marks.attended, Mark.ATTENDED)
        return _attendance_out(
            await delivery.transact(
                lambda tx: attendance.mark_attendance(tx, session_id, wanted, staff), key=session_id
            )
        )

    @api.get("/sessions/{session_id}/attendance")
    async def marked(session_id: str, staff: SignedIn) -> AttendanceOut:
        """Who is marked so far."""
        programme = await store.programme_of_session(reading, session_id)
        may(staff, programme)
        return _attendance_out(await store.attendance(reading, programme.programme_id, session_id))

    @api.post("/sessions/{session_id}/hold")
    async def hold(session_id: str, staff: SignedIn) -> AttendanceOut:
        """Say that the session has taken place; again is harmless."""
        return _attendance_out(
            await delivery.transact(lambda tx: attendance.hold_session(tx, session_id, staff), key=session_id)
        )

    if settings.trial:

        @api.get("/clock", dependencies=[Depends(staff)])
        async def clock() -> ClockIO:
            """The platform's time (trial mode)."""
            return ClockIO(now=now())

        @api.put("/clock", dependencies=[Depends(staff)])
        async def move_clock(wanted: ClockIO) -> dict[str, Any]:
            """Set the clock of an empty platform, or move it forward (trial mode)."""
            ahead = await delivery.transact(lambda tx: planning.move_clock(tx, wanted.now), key="clock")
            delivery.clock.ahead_by = timedelta(seconds=ahead)
            return {"now": now()}

    return api
