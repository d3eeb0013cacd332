"""The coordinator's day, and the list of programmes."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from services.registration import store
from services.registration.domain.desk import Sought
from services.registration.domain.kinds import ProgrammeKind
from services.registration.pages.calendar import LONGEST_VALUE, address
from services.registration.settings import Settings
from services.registration.use_cases import calendar, day
from shared.access import ALL, Staff, staff
from shared.delivery import Delivery
from shared.web import Pages

SignedIn = Annotated[Staff, Depends(staff)]
ENDED = "ended"


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """`/staff` and `/staff/programmes`."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now

    @routes.get("/staff")
    async def today(request: Request, staff: SignedIn) -> Response:
        moment, said = now(), request.query_params.get("earlier", "")
        earlier = int(said) if re.fullmatch(r"[0-9]{1,3}", said) else 0
        return pages.render(
            request,
            "staff/today.html",
            now=moment,
            day=await day.look(reading, staff, moment, settings.zone, earlier),
            areas=[] if ALL in staff.areas else staff.areas,
        )

    @routes.get("/staff/programmes")
    async def programmes(request: Request, staff: SignedIn) -> Response:
        asked = {
            name: request.query_params.get(name, "").strip()[:LONGEST_VALUE]
            for name in ("words", "kind", "municipality", "show", "from")
        }
        start = calendar.read_place(asked["from"])
        sought = Sought(
            words=asked["words"],
            kind=asked["kind"] if asked["kind"] in set(ProgrammeKind) else "",
            municipality=asked["municipality"],
            ended=asked["show"] == ENDED,
        )
        found = await day.programmes(reading, staff, sought, start, now())
        places = (await store.choices(reading, now()))["municipality"]
        kept = {name: asked[name] for name in ("words", "kind", "municipality")}
        more = calendar.place_said(found.more) if found.more else ""
        return pages.render(
            request,
            "staff/programmes.html",
            found=found,
            sought=sought,
            first_page=start is None,
            kinds=list(ProgrammeKind),
            places=[place for place in places if staff.sees_area(place)],
            under_way=address("/staff/programmes", kept),
            ended=address("/staff/programmes", kept, show=ENDED),
            more=address("/staff/programmes", asked, **{"from": more}) if more else "",
            start=address("/staff/programmes", asked, **{"from": ""}),
        )

    return routes
