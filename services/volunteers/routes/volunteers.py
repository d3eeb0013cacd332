"""JSON API: applications and volunteers."""

from contextlib import suppress
from typing import Literal

import uuid_utils
from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.domain.volunteers import Volunteer, VolunteerIsKnown, VolunteerStatus
from services.volunteers.settings import Settings
from services.volunteers.use_cases import volunteers as use_cases
from shared.access import staff
from shared.delivery import Delivery


class VolunteerOut(BaseModel):
    """A volunteer as staff see them."""

    volunteer_id: str
    name: str
    email: str | None
    phone: str | None
    language: str
    roles: list[VolunteerRole]
    municipality: str
    status: VolunteerStatus
    since: AwareDatetime


class VolunteersOut(BaseModel):
    """Everybody who applied or is enrolled."""

    volunteers: list[VolunteerOut]


class Received(BaseModel):
    """The same answer whether or not the person had applied before."""

    status: Literal["received"] = "received"


def _volunteer_out(volunteer: Volunteer) -> VolunteerOut:
    return VolunteerOut(
        volunteer_id=volunteer.volunteer_id,
        name=volunteer.name,
        email=volunteer.contact.email,
        phone=volunteer.contact.phone,
        language=volunteer.language,
        roles=list(volunteer.roles),
        municipality=volunteer.municipality,
        status=volunteer.status,
        since=volunteer.since,
    )


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /applications and /volunteers."""
    api = APIRouter()
    reading = delivery.reading
    zone = settings.zone

    @api.post("/applications", status_code=202)
    async def apply(person: use_cases.Application) -> Received:
        """Apply to become a volunteer. Whether somebody has applied before is told to nobody."""
        volunteer_id = str(uuid_utils.uuid7())
        with suppress(VolunteerIsKnown):
            await delivery.transact(lambda tx: use_cases.apply(tx, person, volunteer_id, zone), key=person.key())
        return Received()

    @api.get("/volunteers", dependencies=[Depends(staff)])
    async def volunteers() -> VolunteersOut:
        """Everybody who applied or is enrolled, by name."""
        return VolunteersOut(volunteers=[_volunteer_out(one) for one in await store.volunteers(reading)])

    @api.post("/volunteers", status_code=201, dependencies=[Depends(staff)])
    async def enrol(person: use_cases.Person) -> VolunteerOut:
        """Enrol a volunteer."""
        volunteer_id = str(uuid_utils.uuid7())
        work = delivery.transact(lambda tx: use_cases.enrol(tx, person, volunteer_id, zone), key=person.key())
        return _volunteer_out(await work)

    @api.post("/volunteers/{volunteer_id}/confirmation", dependencies=[Depends(staff)])
    async def confirm(volunteer_id: str) -> VolunteerOut:
        """Confirm an application; again is harmless."""
        work = delivery.transact(lambda tx: use_cases.confirm_application(tx, volunteer_id, zone), key=volunteer_id)
        return _volunteer_out(await work)

    return api
