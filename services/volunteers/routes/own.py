"""JSON API: what a volunteer does behind their own link. The token is the last part of the mailed link."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from services.volunteers import store
from services.volunteers.domain.volunteers import AGREEMENT_VERSION
from services.volunteers.routes.shown import AssignmentOut, VolunteerOut, assignment_out, volunteer_out
from services.volunteers.settings import Settings
from services.volunteers.use_cases import readiness
from services.volunteers.use_cases import volunteers as use_cases
from shared.delivery import Delivery


class OwnIn(BaseModel):
    """The last part of the link to the volunteer's own page."""

    token: str


class OwnOut(BaseModel):
    """What is known of a volunteer, and what they are and were asked to do.

    Attributes:
        agreement_version: of the text that is to be signed now.
    """

    volunteer: VolunteerOut
    assignments: list[AssignmentOut]
    agreement_version: str


class SignatureIn(OwnIn):
    """The volunteer signs the confidentiality agreement; `version` is that of the text they read."""

    version: str


class OwnPauseIn(OwnIn, readiness.PauseIn):
    """The volunteer takes a pause."""


class DetailsIn(OwnIn, use_cases.Person):
    """The volunteer corrects what is known of them."""


class Left(BaseModel):
    """The volunteer has left."""

    status: Literal["left"] = "left"


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /own. 410 when the link has expired or was never given out."""
    api = APIRouter(prefix="/own")
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    async def linked(token: str) -> str:
        return (await use_cases.linked_volunteer(reading, settings, token, now())).volunteer_id

    @api.post("")
    async def own(asked: OwnIn) -> OwnOut:
        """What is known of the volunteer. A POST, so that no address holds the token."""
        volunteer = await use_cases.linked_volunteer(reading, settings, asked.token, now())
        found = await store.assignments_of(reading, volunteer.volunteer_id)
        return OwnOut(
            volunteer=volunteer_out(volunteer),
            assignments=[assignment_out(one, now()) for one in found],
            agreement_version=AGREEMENT_VERSION,
        )

    @api.post("/agreement")
    async def sign(signature: SignatureIn) -> VolunteerOut:
        """Sign the confidentiality agreement."""
        volunteer_id, version = await linked(signature.token), signature.version
        work = delivery.transact(
            lambda tx: readiness.sign_agreement(tx, volunteer_id, version, rules), key=volunteer_id
        )
        return volunteer_out(await work)

    @api.post("/pause")
    async def pause(wanted: OwnPauseIn) -> VolunteerOut:
        """Take a pause."""
        volunteer_id = await linked(wanted.token)
        work = delivery.transact(lambda tx: readiness.pause(tx, volunteer_id, wanted, rules), key=volunteer_id)
        return volunteer_out(await work)

    @api.post("/return")
    async def resume(asked: OwnIn) -> VolunteerOut:
        """End a pause, or take it back; again is harmless."""
        volunteer_id = await linked(asked.token)
        work = delivery.transact(lambda tx: readiness.resume(tx, volunteer_id), key=volunteer_id)
        return volunteer_out(await work)

    @api.post("/details")
    async def correct(details: DetailsIn) -> VolunteerOut:
        """Correct name, contact, roles and wishes."""
        volunteer_id = await linked(details.token)
        work = delivery.transact(lambda tx: use_cases.correct(tx, volunteer_id, details, rules), key=volunteer_id)
        return volunteer_out(await work)

    @api.post("/leaving")
    async def leave(asked: OwnIn) -> Left:
        """Leave: name and contact are erased, what was done is kept, open assignments are given up."""
        volunteer_id = await linked(asked.token)
        await delivery.transact(lambda tx: use_cases.leave(tx, volunteer_id, rules), key=volunteer_id)
        return Left()

    return api
