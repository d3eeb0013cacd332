"""The calendar page and the coordinator's day with a region's data, and with ten and a hundred times that.

A region: 145 offers in 64 municipalities, 1,500 registered users, 500 volunteers with an assignment each. The documents
are made by the rules and written by the shapes that the service itself writes, in bulk.
"""

import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import TypeAlias

import httpx

from motesplats_events import AssignmentStatus, RegistrationStatus, Role, VolunteerRole
from services.registration.app import build
from services.registration.domain.calendar import meetings
from services.registration.domain.desk import Kind, Matter, lacking
from services.registration.domain.kinds import RULES, Admission, ProgrammeKind
from services.registration.domain.programmes import Programme, Session
from services.registration.domain.registrations import Registration
from services.registration.domain.staffing import Assignment
from services.registration.settings import Settings as OwnSettings
from services.registration.store import calendar as calendar_rows
from services.registration.store import desk as desk_rows
from services.registration.store.programmes import _programme_row
from services.registration.store.registrations import _registration_row
from shared import kafka
from shared.access import Staff, StaffRole, staff_token
from shared.mongo import Database, Document
from shared.service import asgi
from shared.settings import Settings

OFFERS, USERS, VOLUNTEERS = 145, 1_500, 500
MUNICIPALITIES, ORGANISERS, THEMES = 64, 5, 20
AREA = tuple(f"Municipality {n}" for n in range(13))
AT_ONCE = 1_000
Views: TypeAlias = dict[str, tuple[str, Staff | None]]
# The first few views of a round fill caches of templates and connections.
ROUNDS, WARM, VIEWS = 6, 3, 5
KINDS = (
    (ProgrammeKind.DROP_IN, 20, 7),
    (ProgrammeKind.MENS_GROUP, 10, 14),
    (ProgrammeKind.SELF_HELP_GROUP, 10, 14),
    (ProgrammeKind.COURSE, 6, 7),
    (ProgrammeKind.LEARNING_CAFE, 4, 7),
    (ProgrammeKind.LECTURE, 1, 7),
)


OF_THE_CALENDAR: Views = {"all": ("/", None), "one_place": (f"/?municipality={AREA[0]}", None)}
OF_THE_DAY: Views = {
    "own": ("/staff", Staff("Kim", StaffRole.COORDINATOR, ("Organiser 0",), AREA)),
    "sees_all": ("/staff", Staff("Lo", StaffRole.REGION_ADMIN, ("*",))),
}


class Scale:
    """Both pages on the same data: writing a region a hundred times takes minutes, and so would dropping it."""

    def __init__(self, settings: Settings, times: Sequence[int]) -> None:
        self._settings, self._times = settings, times
        self._found: dict[str, dict[int, float]] = {}

    async def calendar(self) -> dict[str, float]:
        """Milliseconds of `/`, all of it and for one municipality, and how they grow."""
        return await self._grown(OF_THE_CALENDAR)

    async def day(self) -> dict[str, float]:
        """Milliseconds of `/staff` of a coordinator of one organiser in an area, and of one who sees all."""
        return await self._grown(OF_THE_DAY)

    async def _grown(self, views: Views) -> dict[str, float]:
        if not self._found:
            self._found = await _measured(self._settings, self._times, {**OF_THE_CALENDAR, **OF_THE_DAY})
        return _grown({view: self._found[view] for view in views})


def _grown(found: dict[str, dict[int, float]]) -> dict[str, float]:
    told: dict[str, float] = {}
    for view, by_times in found.items():
        most = max(by_times)
        told["ratio" if not told else f"{view}_ratio"] = round(by_times[most] / by_times[min(by_times)], 2)
        told |= {f"{view}_ms_{times}x": round(ms, 1) for times, ms in by_times.items()}
    return told


async def _measured(settings: Settings, times: Sequence[int], views: Views) -> dict[str, dict[int, float]]:
    took: dict[str, dict[int, list[float]]] = {view: {much: [] for much in times} for view in views}
    await kafka.create_topics(settings)
    for much in times:
        async with _serving(settings, f"scale{much}") as (db, own, _):
            await fill(db, much, _ten(own))
    # By turns: a machine may be half as fast as it was some minutes ago.
    for much in [*times] * ROUNDS:
        async with _serving(settings, f"scale{much}") as (_, own, http):
            for view, (address, staff) in views.items():
                headers = {"authorization": f"Bearer {staff_token(own, staff)}"} if staff else {}
                for n in range(WARM + VIEWS):
                    started = perf_counter()
                    answer = await http.get(address, headers=headers)
                    if n >= WARM:
                        took[view][much].append((perf_counter() - started) * 1000)
                    assert answer.status_code == 200, answer.text[:500]
    return {view: {much: median(ms) for much, ms in by_times.items()} for view, by_times in took.items()}


@asynccontextmanager
async def _serving(settings: Settings, prefix: str) -> AsyncIterator[tuple[Database, OwnSettings, httpx.AsyncClient]]:
    own = OwnSettings(**{**settings.model_dump(), "mongodb_prefix": prefix, "trial": True})
    service = build(own)
    app = asgi([service], own)
    service.delivery.clock.ahead_by = _ten(own) - datetime.now(UTC)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=own.public_url, timeout=120) as http,
    ):
        yield service.delivery.db, own, http


def _ten(own: OwnSettings) -> datetime:
    """The time of day at which the pages are looked at, whenever this runs: a night's calendar is another one."""
    return datetime.now(own.zone).replace(hour=10, minute=0, second=0, microsecond=0).astimezone(UTC)


async def fill(db: Database, times: int, now: datetime) -> None:
    """Write a region's data so many times over."""
    chance = random.Random(1)
    made = [_offer(n, times, now, chance) for n in range(OFFERS * times)]
    volunteers = [_host(n, made, now, chance) for n in range(VOLUNTEERS * times)]
    staffing: dict[str, list[Assignment]] = {}
    for one in volunteers:
        staffing.setdefault(one.programme_id, []).append(one)
    rows: dict[str, list[Document]] = {"programmes": [], "meetings": [], "desk": [], "attendance": []}
    for programme in made:
        waiting = chance.randrange(1, 9) if chance.random() < 0.1 else 0
        if waiting:
            # Nobody waits where a place is left.
            programme = replace(programme, taken=programme.places)
        counted = {"taken_all": sum(programme.taken.values()), "tickets": waiting, "waiting": waiting, "answers": 0}
        taken = {"taken": {role.value: n for role, n in programme.taken.items()}}
        row = {"_id": programme.programme_id, **_programme_row(programme), **counted, **taken}
        rows["programmes"].append(row)
        for meeting in meetings(programme):
            # One in a hundred that have been still waits to be marked as held.
            held = meeting.ends_at < now and chance.random() > 0.01
            rows["meetings"].append(calendar_rows._row(meeting, now, held))
        later = [s for s in programme.sessions if s.ends_at > now]
        known = staffing.get(programme.programme_id, [])
        rows["desk"] += [desk_rows._row(matter) for matter in lacking(programme, later, known)]
    rows["staffing"] = [
        {
            "_id": one.assignment_id,
            "programme_id": one.programme_id,
            "session_id": one.session_id,
            "role": one.role.value,
            "status": one.status.value,
            "answer_by": one.answer_by,
            "until": one.until,
            "sequence": 1,
        }
        for one in volunteers
    ]
    rows["desk"] += [desk_rows._row(matter) for matter in _to_be_answered(made, times, now)]
    rows["registrations"] = [_registered(n, made[n % len(made)], now) for n in range(USERS * times)]
    rows["choices"] = _choices(rows["meetings"], now)
    for collection, documents in rows.items():
        for first in range(0, len(documents), AT_ONCE):
            await db[collection].insert_many(documents[first : first + AT_ONCE])


def _to_be_answered(made: Sequence[Programme], times: int, now: datetime) -> Iterator[Matter]:
    """One in fifty who registered was offered a place, one in fifty applied, and one volunteer in ten was asked."""
    number = {Kind.OFFERED: USERS // 50, Kind.APPLIED: USERS // 50, Kind.ASKED: VOLUNTEERS // 10}
    for kind, of_one_region in number.items():
        for n in range(of_one_region * times):
            programme = made[n % len(made)]
            yield Matter(
                kind=kind,
                about=f"{kind}{n}",
                programme_id=programme.programme_id,
                title=programme.title,
                organiser=programme.organiser,
                municipality=programme.municipality,
                # Until when to answer; of an application, since when it waits.
                at=now + timedelta(minutes=n % 20_000) * (-1 if kind is Kind.APPLIED else 1),
            )


def _registered(n: int, programme: Programme, now: datetime) -> Document:
    registration = Registration(
        participant_id=f"r{n}",
        programme_id=programme.programme_id,
        person_id=f"person{n}",
        role=Role.PATIENT,
        status=RegistrationStatus.CONFIRMED,
        ticket=None,
        language="sv",
        reminders=True,
        registered_at=now - timedelta(days=100),
    )
    return {"_id": registration.participant_id, **_registration_row(registration)}


def _choices(rows: Sequence[Document], now: datetime) -> list[Document]:
    found = []
    for name in calendar_rows.FACTS:
        untils = calendar_rows._last_by_key(name, rows)
        said = {key: key for key in untils}
        if name != "format":
            said = {row["by"][name][0]: row[name] for row in rows if row["by"][name]}
        values = [{"key": key, "said": said[key], "until": until} for key, until in untils.items()]
        found.append({"_id": name, "values": values})
    return found


def _offer(n: int, times: int, now: datetime, chance: random.Random) -> Programme:
    """One offer, begun some time ago or soon to begin."""
    kind, number, days = KINDS[n % len(KINDS)]
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    # Whole and half hours from nine to eight in the evening, as people meet.
    first = midnight + timedelta(days=chance.randrange(-70, 30), minutes=chance.choice(range(8 * 60, 19 * 60, 30)))
    walk_in = RULES[kind].admission is Admission.WALK_IN
    places = {} if walk_in else {Role.PATIENT: 9, Role.RELATIVE: 6}
    # Organisers and places do not grow as fast as offers do: a hundred times as many have ten times as many organisers.
    organisers = ORGANISERS * round(times**0.5)
    return Programme(
        programme_id=f"p{n}",
        title=f"Meeting place number {n}",
        organiser=f"Organiser {chance.randrange(organisers)}",
        kind=kind,
        place="The house by the square",
        municipality=f"Municipality {chance.randrange(MUNICIPALITIES)}",
        places=places,
        taken={role: chance.randrange(most + 1) for role, most in places.items()},
        about=f"Theme {chance.randrange(THEMES)}",
        sessions=[
            Session(f"s{n}-{k}", first + timedelta(days=days * k), 120, f"Theme of meeting {k}") for k in range(number)
        ],
        facilitators_needed=RULES[kind].facilitators,
        hosts_needed=2 if walk_in else 0,
    )


def _host(n: int, made: Sequence[Programme], now: datetime, chance: random.Random) -> Assignment:
    programme = made[n % len(made)]
    role = VolunteerRole.HOST if programme.hosts_needed else VolunteerRole.GROUP_LEADER
    whole = Assignment(f"a{n}", programme.programme_id, None, role, AssignmentStatus.ACCEPTED, now)
    # One shift in ten lacks a host.
    return replace(whole, status=AssignmentStatus.DECLINED) if chance.random() < 0.1 else whole
