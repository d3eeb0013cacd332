"""A region as the evaluation service hears of it: offers, those who use them, and volunteers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import uuid_utils
from aiokafka import ConsumerRecord

from motesplats_events import (
    AssignmentChanged,
    AssignmentStatus,
    AttendanceRecorded,
    CancellationReason,
    Envelope,
    Event,
    HeadcountRecorded,
    ParticipantRegistered,
    Place,
    PlannedSession,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationStatus,
    Role,
    RoleCount,
    SessionHeld,
    Source,
    SubjectErased,
    SufficiencyAnswered,
    Training,
    UnitContacted,
    VolunteerChanged,
    VolunteerRole,
)
from services.evaluation.use_cases.counting import count_news
from shared.access import ALL, Staff, StaffRole, staff_token
from tests.evaluation.course import House

ZONE = ZoneInfo("Europe/Stockholm")
ORGANISER = "The clinic"
TODAY = date(2024, 5, 20)
FIRST = date(2023, 1, 10)
"""When groups met first."""


def at_five(day: date) -> datetime:
    """Five o'clock on a day."""
    return datetime.combine(day, time(17), ZONE)


class Region:
    """Tells the service what others publish, and asks it for reports."""

    def __init__(self, house: House) -> None:
        self.settings = house.settings
        self.delivery = house.delivery
        self.client = house.client
        self.client.cookies.clear()
        self.admin = self.signed_in()
        self._sequences = count(1)
        self.today(TODAY)

    def today(self, day: date) -> None:
        """Set the platform's clock."""
        self.delivery.clock.ahead_by = at_five(day) - datetime.now(UTC)

    def signed_in(self, organisers: Sequence[str] = (ALL,), areas: Sequence[str] = (ALL,)) -> dict[str, str]:
        """The header of somebody on the staff."""
        token = staff_token(self.settings, Staff("Kim", StaffRole.COORDINATOR, tuple(organisers), tuple(areas)))
        return {"authorization": f"Bearer {token}"}

    def record(self, event: Event, on: date | None = None, sequence: int | None = None) -> Any:
        """An event as the broker hands it out."""
        envelope = Envelope(
            id=str(uuid_utils.uuid7()),
            type=event.event_type(),
            source=f"/motesplats/{event.source}",
            subject=event.subject,
            time=at_five(on or TODAY),
            sequence=next(self._sequences) if sequence is None else sequence,
        )
        key, value = event.subject.encode(), event.model_dump_json().encode()
        return ConsumerRecord(
            event.topic, 0, 0, 0, 0, key, value, None, len(key), len(value), tuple(envelope.headers())
        )

    async def hear(self, *events: Event | tuple[Event, date]) -> None:
        """Consume events in this order, and count them. With a day, an event happened on it."""
        records = [self.record(*event) if isinstance(event, tuple) else self.record(event) for event in events]
        for start in range(0, len(records), 100):
            await self.delivery.inbox.receive(records[start : start + 100])
        assert await self.delivery.db.parked.count_documents({}) == 0
        await self.counted()

    async def counted(self) -> None:
        """What the service does by itself now and then."""
        while await count_news(self.delivery, self.settings.zone):
            pass

    async def report(self, code: str, staff: Mapping[str, str] | None = None, **days: str) -> dict[str, Any]:
        """A report by the API, its measures by code and its tables by code."""
        params = {name.rstrip("_"): day for name, day in days.items()}
        address = f"/api/evaluation/reports/{code}"
        answer = await self.client.get(address, params=params, headers=dict(staff or self.admin))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        found["measures"] = {measure["code"]: measure for measure in found["measures"]}
        found["tables"] = {
            table["code"]: {row["label"]: row["cells"] for row in table["rows"]} for table in found["tables"]
        }
        return found

    async def figures(self, code: str, staff: Mapping[str, str] | None = None, **days: str) -> dict[str, Any]:
        """The values of a report's measures."""
        return {name: m["value"] for name, m in (await self.report(code, staff, **days))["measures"].items()}

    async def page(self, path: str = "", lang: str = "en", staff: Mapping[str, str] | None = None) -> httpx.Response:
        """A page for staff."""
        headers = {**(staff or self.admin), "accept-language": lang}
        return await self.client.get(f"/staff/results/reports{path}", headers=headers)


def programme(
    id: str,
    days: Sequence[date],
    *,
    municipality: str = "Ekby",
    organiser: str = ORGANISER,
    kind: str = "learning_cafe",
    place: str = "The room",
    **more: Any,
) -> ProgrammePlanned:
    """An offer with a session on each of these days."""
    sessions = [PlannedSession(session_id=f"{id}-{day}", starts_at=at_five(day), minutes=90, theme="") for day in days]
    return ProgrammePlanned(
        programme_id=id,
        title="Meeting others",
        organiser=organiser,
        kind=kind,
        place=Place(name=place, municipality=municipality),
        places={Role.PATIENT: 0} if kind == "drop_in" else {Role.PATIENT: 12},
        sessions=sessions,
        **more,
    )


def held(planned: ProgrammePlanned, day: date, attended: int = 0, visitors: int = 0) -> SessionHeld:
    """One of its sessions has taken place."""
    return SessionHeld(
        session_id=f"{planned.programme_id}-{day}",
        programme_id=planned.programme_id,
        organiser=planned.organiser,
        municipality=planned.place.municipality,
        theme="",
        starts_at=at_five(day),
        counts={Role.PATIENT: RoleCount(expected=attended, attended=attended)} if attended else {},
        visitors=visitors,
        visitors_by_role={Role.PATIENT: visitors - visitors // 3, Role.RELATIVE: visitors // 3} if visitors else {},
    )


def came(planned: ProgrammePlanned, day: date, people: Sequence[str]) -> AttendanceRecorded:
    """Who came to it."""
    session_id = f"{planned.programme_id}-{day}"
    return AttendanceRecorded(session_id=session_id, programme_id=planned.programme_id, attended=list(people))


def headcount(planned: ProgrammePlanned, day: date, first: int, ages: dict[str, int]) -> HeadcountRecorded:
    """Who came to a drop-in."""
    return HeadcountRecorded(
        session_id=f"{planned.programme_id}-{day}",
        programme_id=planned.programme_id,
        by_hour={14: first},
        first_visits=first,
        age_bands=ages,
    )


def registered(planned: ProgrammePlanned, id: str, **more: Any) -> ParticipantRegistered:
    """Somebody has a place, or waits."""
    known = {"status": RegistrationStatus.CONFIRMED, "role": Role.PATIENT, "came_by": Source.SELF, **more}
    return ParticipantRegistered(
        participant_id=id,
        programme_id=planned.programme_id,
        organiser=planned.organiser,
        municipality=planned.place.municipality,
        **known,
    )


def promoted(planned: ProgrammePlanned, id: str, starts_on: date | None = None) -> RegistrationPromoted:
    """Somebody who waited has a place."""
    return RegistrationPromoted(
        participant_id=id, programme_id=planned.programme_id, role=Role.PATIENT, starts_on=starts_on
    )


def cancelled(planned: ProgrammePlanned, id: str, ended_on: date | None = None) -> RegistrationCancelled:
    """A registration has ended."""
    return RegistrationCancelled(
        participant_id=id,
        programme_id=planned.programme_id,
        role=Role.PATIENT,
        held_a_place=True,
        reason=CancellationReason.OWN,
        ended_on=ended_on,
    )


def sufficiency(planned: ProgrammePlanned, enough: bool, on: date) -> SufficiencyAnswered:
    """A coordinator has answered."""
    return SufficiencyAnswered(
        programme_id=planned.programme_id,
        organiser=planned.organiser,
        municipality=planned.place.municipality,
        enough=enough,
        answered_on=on,
    )


def forgotten(id: str) -> SubjectErased:
    """Somebody asked to be forgotten."""
    return SubjectErased(subject_id=id)


def volunteer(
    id: str,
    roles: Mapping[VolunteerRole, date],
    municipality: str = "Ekby",
    left_on: date | None = None,
    trainings: Sequence[Training] = (),
) -> VolunteerChanged:
    """A volunteer as they now are."""
    return VolunteerChanged(
        volunteer_id=id,
        roles=dict(roles),
        municipality=municipality,
        enrolled_on=min(roles.values()),
        left_on=left_on,
        trainings=list(trainings),
    )


def assignment(
    volunteer_id: str,
    role: VolunteerRole,
    offered: date,
    completed: date | None = None,
    municipality: str = "Ekby",
    id: str = "",
    **more: Any,
) -> AssignmentChanged:
    """Something that a volunteer was asked to do, and may have done."""
    return AssignmentChanged(
        **{
            "assignment_id": id or str(uuid4()),
            "volunteer_id": volunteer_id,
            "role": role,
            "status": AssignmentStatus.COMPLETED if completed else AssignmentStatus.OFFERED,
            "programme_id": "",
            "organiser": ORGANISER,
            "municipality": municipality,
            "title": "To listen",
            "place": "The ward",
            "answer_by": at_five(offered + timedelta(days=7)),
            "offered_at": at_five(offered),
            "completed_on": completed,
            **more,
        }
    )


def shift(
    volunteer_id: str, house: ProgrammePlanned, day: date, status: AssignmentStatus, **more: Any
) -> AssignmentChanged:
    """A host on a shift of a house, with an id of its own for each host, house and day."""
    return assignment(
        volunteer_id,
        VolunteerRole.HOST,
        day - timedelta(days=30),
        day if status is AssignmentStatus.COMPLETED else None,
        **{
            "municipality": house.place.municipality,
            "id": f"{volunteer_id} {house.programme_id} {day}",
            "status": status,
            "programme_id": house.programme_id,
            "session_id": f"{house.programme_id}-{day}",
            "organiser": house.organiser,
            "place": house.place.name,
            "at": at_five(day),
            **more,
        },
    )


def contacted(volunteer_id: str, on: date, new: bool = True) -> UnitContacted:
    """A patient supporter was in contact with a unit."""
    return UnitContacted(
        contact_id=str(uuid4()),
        volunteer_id=volunteer_id,
        organiser=ORGANISER,
        unit="The ward of Ekby",
        municipality="Ekby",
        contacted_on=on,
        new=new,
    )


def weekly(first: date, times: int, weeks: int = 1) -> list[date]:
    """So many days, so many weeks apart."""
    return [first + timedelta(weeks=n * weeks) for n in range(times)]


def group(id: str, people: list[str], **more: Any) -> list[Event]:
    """A group of these people that met three times in a year."""
    days = [FIRST, date(2023, 6, 13), date(2023, 12, 12)]
    planned = programme(id, days, **more)
    events: list[Event] = [planned, *(registered(planned, person) for person in people)]
    for day in days:
        events += [held(planned, day, len(people)), came(planned, day, people)]
    return events
