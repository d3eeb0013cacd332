"""JSON API: applications and volunteers, for staff."""

from contextlib import suppress
from datetime import date
from typing import Annotated, Literal

import uuid_utils
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.domain.volunteers import VolunteerIsKnown, VolunteerStatus
from services.volunteers.routes.shown import VolunteerOut, volunteer_out
from services.volunteers.settings import Settings
from services.volunteers.use_cases import readiness
from services.volunteers.use_cases import volunteers as use_cases
from services.volunteers.use_cases.pool import seen_volunteer
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError
from shared.text import Line

SignedIn = Annotated[Staff, Depends(staff)]


class VolunteersOut(BaseModel):
    """Volunteers and applicants, by name; `total` counts those on later pages too."""

    volunteers: list[VolunteerOut]
    total: int


class SearchIn(BaseModel):
    """Words of a name; `limit` 0 gives all whom they fit."""

    name: Line
    skip: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class Received(BaseModel):
    """The same answer whether or not the person had applied before."""

    status: Literal["received"] = "received"


class PaperIn(BaseModel):
    """When somebody signed the confidentiality agreement on paper."""

    signed_on: date


class Done(BaseModel):
    """It has been done."""

    status: Literal["done"] = "done"


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /applications and /volunteers."""
    api = APIRouter()
    reading = delivery.reading
    rules = settings.rules

    async def listed(staff: Staff, wanted: store.Filter, skip: int, limit: int) -> VolunteersOut:
        found = await store.volunteers(reading, staff, wanted, skip=skip, limit=limit)
        total = await store.count_volunteers(reading, staff, wanted)
        return VolunteersOut(volunteers=[volunteer_out(one) for one in found], total=total)

    @api.post("/applications", status_code=202)
    async def apply(person: use_cases.Application) -> Received:
        """Apply to become a volunteer. Whether somebody has applied before is told to nobody."""
        volunteer_id = str(uuid_utils.uuid7())
        with suppress(VolunteerIsKnown):
            await delivery.transact(lambda tx: use_cases.apply(tx, person, volunteer_id, rules), key=person.key())
        return Received()

    @api.get("/volunteers")
    async def volunteers(
        staff: SignedIn,
        role: VolunteerRole | None = None,
        municipality: Annotated[str | None, Query(max_length=120)] = None,
        status: VolunteerStatus | None = None,
        skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        limit: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        name: Annotated[str | None, Query(include_in_schema=False)] = None,
    ) -> VolunteersOut:
        """Everybody in your areas who applied or is enrolled, by name; `status` `left` gives those who have left.

        `limit` 0 gives all that there are.
        """
        if name is not None:
            raise DomainError(
                "Search for a name by POST /volunteers/search: it should stand in no address", field="name"
            )
        return await listed(staff, store.Filter("", role, municipality, status), skip, limit)

    @api.post("/volunteers/search")
    async def search(asked: SearchIn, staff: SignedIn) -> VolunteersOut:
        """Those in your areas whose name holds these words. By POST, so that no name stands in an address."""
        return await listed(staff, store.Filter(asked.name), asked.skip, asked.limit)

    @api.post("/volunteers", status_code=201)
    async def enrol(enrolment: use_cases.Enrolment, staff: SignedIn) -> VolunteerOut:
        """Enrol a volunteer, with the agreement they signed on paper and the trainings they bring.

        Without a signed agreement and the trainings of the role nobody can be offered an assignment; both can be
        recorded later, and the agreement signed by the volunteer's own link.
        """
        volunteer_id = str(uuid_utils.uuid7())
        work = delivery.transact(
            lambda tx: use_cases.enrol(tx, enrolment, volunteer_id, rules, staff), key=enrolment.key()
        )
        return volunteer_out(await work)

    @api.get("/volunteers/{volunteer_id}")
    async def volunteer(volunteer_id: str, staff: SignedIn) -> VolunteerOut:
        """One volunteer."""
        return volunteer_out(await seen_volunteer(reading, volunteer_id, staff))

    @api.put("/volunteers/{volunteer_id}")
    async def correct(volunteer_id: str, person: use_cases.Person, staff: SignedIn) -> VolunteerOut:
        """Correct how somebody is called and reached, what they do and what they wish."""
        work = delivery.transact(lambda tx: use_cases.correct(tx, volunteer_id, person, rules, staff), key=volunteer_id)
        return volunteer_out(await work)

    @api.post("/volunteers/{volunteer_id}/confirmation")
    async def confirm(volunteer_id: str, staff: SignedIn) -> VolunteerOut:
        """Confirm an application; again is harmless."""
        work = delivery.transact(
            lambda tx: use_cases.confirm_application(tx, volunteer_id, staff, rules), key=volunteer_id
        )
        return volunteer_out(await work)

    @api.post("/volunteers/{volunteer_id}/refusal")
    async def turn_down(volunteer_id: str, staff: SignedIn) -> Done:
        """Turn an application down. Nothing of it is kept."""
        await delivery.transact(lambda tx: use_cases.turn_down(tx, volunteer_id, staff), key=volunteer_id)
        return Done()

    @api.post("/volunteers/{volunteer_id}/agreement")
    async def signed_on_paper(volunteer_id: str, paper: PaperIn, staff: SignedIn) -> VolunteerOut:
        """Record that somebody signed the confidentiality agreement on paper."""
        work = delivery.transact(
            lambda tx: readiness.note_paper_agreement(tx, volunteer_id, paper.signed_on, staff, rules),
            key=volunteer_id,
        )
        return volunteer_out(await work)

    @api.post("/volunteers/{volunteer_id}/trainings")
    async def trained(volunteer_id: str, done: use_cases.Completed, staff: SignedIn) -> VolunteerOut:
        """Record a training that somebody has completed; when it expires follows from the catalogue."""
        work = delivery.transact(
            lambda tx: readiness.record_training(tx, volunteer_id, done, staff, rules), key=volunteer_id
        )
        return volunteer_out(await work)

    @api.delete("/volunteers/{volunteer_id}/trainings/{code}")
    async def not_trained(volunteer_id: str, code: str, staff: SignedIn) -> VolunteerOut:
        """Take back a training that was recorded by mistake; again is harmless."""
        work = delivery.transact(lambda tx: readiness.remove_training(tx, volunteer_id, code, staff), key=volunteer_id)
        return volunteer_out(await work)

    @api.post("/volunteers/{volunteer_id}/pause")
    async def pause(volunteer_id: str, wanted: readiness.PauseIn, staff: SignedIn) -> VolunteerOut:
        """Offer somebody nothing for a while."""
        work = delivery.transact(lambda tx: readiness.pause(tx, volunteer_id, wanted, rules, staff), key=volunteer_id)
        return volunteer_out(await work)

    @api.delete("/volunteers/{volunteer_id}/pause")
    async def resume(volunteer_id: str, staff: SignedIn) -> VolunteerOut:
        """End a pause; again is harmless."""
        work = delivery.transact(lambda tx: readiness.resume(tx, volunteer_id, staff), key=volunteer_id)
        return volunteer_out(await work)

    @api.post("/volunteers/{volunteer_id}/leaving")
    async def leave(volunteer_id: str, staff: SignedIn) -> Done:
        """Somebody leaves: name and contact are erased, what was done is kept, open assignments are taken back."""
        await delivery.transact(lambda tx: use_cases.leave(tx, volunteer_id, rules, staff), key=volunteer_id)
        return Done()

    return api
