"""The coordinator puts the headcount of a drop-in right."""

from typing import Annotated

import uuid_utils
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from motesplats_events import Role
from services.registration import store
from services.registration.domain.headcount import AGE_BANDS, Entry
from services.registration.domain.programmes import MOST_PLACES
from services.registration.settings import Settings
from services.registration.use_cases import attendance
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.web import Form, Pages, read_form

SignedIn = Annotated[Staff, Depends(staff)]
SESSION = "/staff/programmes/{programme_id}/sessions/{session_id}"


class HourRow(BaseModel):
    """How many came in one hour."""

    hour: Annotated[int, Field(ge=0, le=23)]
    patient: Annotated[int, Field(ge=0, le=MOST_PLACES)] = 0
    relative: Annotated[int, Field(ge=0, le=MOST_PLACES)] = 0
    other: Annotated[int, Field(ge=0, le=MOST_PLACES)] = 0


class AgeRow(BaseModel):
    """How many of one age."""

    band: str
    number: Annotated[int, Field(ge=0, le=MOST_PLACES)] = 0


class Correcting(BaseModel):
    """A whole headcount.

    Attributes:
        seen: how many entries there were when the page was opened.
    """

    hours: list[HourRow] = []
    first_visits: Annotated[int, Field(ge=0, le=MOST_PLACES)] = 0
    ages: list[AgeRow] = []
    seen: int = 0

    def entries(self) -> list[Entry]:
        """The same as the rules take it."""
        found = [
            Entry(str(uuid_utils.uuid7()), row.hour, role, number)
            for row in self.hours
            for role, number in zip(Role, (row.patient, row.relative, row.other), strict=True)
            if number
        ]
        ages = {row.band: row.number for row in self.ages if row.number}
        if self.first_visits or ages:
            found.append(Entry(str(uuid_utils.uuid7()), 0, Role.OTHER, 0, self.first_visits, ages))
        return found


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The page behind a session of a drop-in."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    zone = settings.zone

    async def correct_page(
        request: Request, programme_id: str, session_id: str, staff: Staff, form: Form[Correcting] | None
    ) -> Response:
        programme = await store.programme(reading, programme_id)
        may(staff, programme)
        before = await store.attendance(reading, programme_id, session_id)
        session = programme.session(session_id)
        opening = range(session.starts_at.astimezone(zone).hour, session.ends_at.astimezone(zone).hour + 1)
        hours = sorted({*opening, *before.headcount.by_hour})
        by_both = {hour: dict.fromkeys(Role, 0) for hour in hours}
        for entry in before.entries:
            if not entry.undone and entry.number:
                by_both[entry.hour][entry.role] += entry.number
        shown: Form[Correcting] = form or Form.of(
            {
                "hours": [{"hour": hour, **by_both[hour]} for hour in hours],
                "first_visits": before.headcount.first_visits,
                "ages": [{"band": band, "number": before.headcount.age_bands.get(band, 0)} for band in AGE_BANDS],
                "seen": len(before.entries),
            }
        )
        return pages.render(
            request,
            "staff/headcount.html",
            programme=programme,
            session=session,
            held=before.held_at is not None,
            form=shown,
        )

    @routes.get(SESSION + "/visitors/correct")
    async def to_correct(request: Request, programme_id: str, session_id: str, staff: SignedIn) -> Response:
        return await correct_page(request, programme_id, session_id, staff, None)

    @routes.post(SESSION + "/visitors/correct")
    async def correct(request: Request, programme_id: str, session_id: str, staff: SignedIn) -> Response:
        form = await read_form(request, Correcting)
        if (typed := form.value) is not None:
            try:
                await delivery.transact(
                    lambda tx: attendance.correct_headcount(tx, session_id, typed.entries(), staff, typed.seen),
                    key=session_id,
                )
                return RedirectResponse(
                    SESSION.format(programme_id=programme_id, session_id=session_id), status_code=303
                )
            except DomainError as error:
                form.fail(error)
        return await correct_page(request, programme_id, session_id, staff, form)

    return routes
