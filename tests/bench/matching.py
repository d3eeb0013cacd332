"""Matching what units ask for to volunteers, by the rules alone."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

from motesplats_events import Format, VolunteerRole
from services.volunteers.domain.assignments import Assignment, offered
from services.volunteers.domain.matching import Load, load, match
from services.volunteers.domain.requests import Request, UnitKind
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.trainings import BASIC, Trained
from services.volunteers.domain.volunteers import Agreement, Reach, Volunteer, VolunteerStatus
from shared.contact import Contact

REQUESTS, VOLUNTEERS, MUNICIPALITIES = 200, 500, 64
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BOOK = VolunteerRole.LIVING_BOOK
RULES = Rules(ZoneInfo("Europe/Stockholm"))


async def matching_200_by_500_s(rounds: int) -> dict[str, float]:
    """Seconds to propose for 200 requests, one after the other with an offer to the first, among 500 volunteers."""
    took, asked = [], 0
    for _ in range(rounds):
        pool, requests = _pool(), _requests()
        work: dict[str, list[Assignment]] = {one.volunteer_id: [] for one in pool}
        loads: dict[str, Load] = {}
        started = perf_counter()
        for number, request in enumerate(requests):
            found = match(request, pool, loads, (), [BASIC], RULES, NOW)
            if found.candidates:
                chosen = found.candidates[0].volunteer
                theirs = work[chosen.volunteer_id]
                theirs.append(offered(f"a{number}", chosen, request.task, theirs, [BASIC], RULES, NOW))
                loads[chosen.volunteer_id] = load(theirs, RULES, NOW)
        took.append(perf_counter() - started)
        asked = _asked(work)
    return {"seconds": round(median(took), 2), "volunteers_asked": asked}


def _asked(work: Mapping[str, list[Assignment]]) -> int:
    return sum(1 for theirs in work.values() if theirs)


def _pool() -> list[Volunteer]:
    chance = random.Random(1)
    one = Volunteer(
        volunteer_id="",
        name="A volunteer",
        contact=Contact("a@example.org", None),
        language="sv",
        roles={BOOK: NOW.date()},
        municipality="",
        status=VolunteerStatus.ENROLLED,
        since=NOW,
        enrolled_on=NOW.date(),
        speaks=("sv",),
        reach=Reach.ANYWHERE,
        trainings={BASIC.code: Trained(date(2026, 1, 1))},
        agreement=Agreement(date(2026, 1, 1)),
    )
    return [
        replace(
            one,
            volunteer_id=f"v{n}",
            municipality=f"Municipality {chance.randrange(MUNICIPALITIES)}",
            speaks=chance.choice([("sv",), ("da",), ("sv", "da")]),
            reach=chance.choice([Reach.MUNICIPALITY, Reach.ANYWHERE]),
            avoids=chance.choice([(), (), ("cancer",)]),
        )
        for n in range(VOLUNTEERS)
    ]


def _requests() -> list[Request]:
    chance = random.Random(2)
    return [
        Request(
            request_id=f"q{n}",
            unit="The ward",
            unit_kind=UnitKind.CLINIC,
            organiser="The region",
            municipality=f"Municipality {chance.randrange(MUNICIPALITIES)}",
            contact_name="Somebody",
            contact=Contact("ward@example.org", None),
            role=BOOK,
            theme=chance.choice(["Breast cancer", "Heart failure", "Grief"]),
            language=chance.choice(["sv", "da"]),
            format=chance.choice([Format.PHYSICAL, Format.DIGITAL]),
            place="Room 4",
            at=NOW + timedelta(days=chance.randrange(7, 200)),
            minutes=60,
            audience="",
            wanted=1,
            note="",
            received_at=NOW,
        )
        for n in range(REQUESTS)
    ]
