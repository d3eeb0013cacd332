"""JSON API: what a host does behind their own link. The token is the last part of the mailed link."""

from typing import Literal

import uuid_utils
from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from services.volunteers.domain.shifts import Rota
from services.volunteers.routes.shown import AssignmentOut, assignment_out
from services.volunteers.settings import Settings
from services.volunteers.use_cases import own_shifts as use_cases
from services.volunteers.use_cases import shifts, swaps
from services.volunteers.use_cases.volunteers import linked_volunteer
from shared.delivery import Delivery


class OwnIn(BaseModel):
    """The last part of the link to the volunteer's own page."""

    token: str


class TakeIn(OwnIn):
    """A host takes a free shift."""

    session_id: str


class SwapIn(OwnIn):
    """A host offers an own shift for another's.

    Attributes:
        gives: the own assignment.
        takes: the other's assignment.
    """

    gives: str
    takes: str


class SwapBackIn(OwnIn):
    """A host takes back a swap that they proposed; `offer_id` is what came of proposing it."""

    offer_id: str


class Withdrawn(BaseModel):
    """The other is not asked any more."""

    status: Literal["withdrawn"] = "withdrawn"


class FreeShiftOut(BaseModel):
    """A shift that wants hosts, as a host sees it."""

    session_id: str
    programme_id: str
    title: str
    place: str
    municipality: str
    at: AwareDatetime
    until: AwareDatetime
    free: int


class OwnShiftsOut(BaseModel):
    """What a host can take, and whose shifts an own one can be swapped for.

    Attributes:
        own: shifts to come.
        free: shifts that the host can take.
        swappable: by the id of an own assignment, others' assignments that it can be offered for.
    """

    own: list[AssignmentOut]
    free: list[FreeShiftOut]
    swappable: dict[str, list[str]]


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /own/shifts and /own/swaps. 410 when the link has expired or was never given out."""
    api = APIRouter(prefix="/own")
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    async def linked(token: str) -> str:
        return (await linked_volunteer(reading, settings, token, now())).volunteer_id

    @api.post("/rota")
    async def own(asked: OwnIn) -> OwnShiftsOut:
        """A host's shifts, and those that are free. A POST, so that no address holds the token."""
        volunteer = await linked_volunteer(reading, settings, asked.token, now())
        found = await use_cases.own_shifts(reading, volunteer, rules, now())
        return OwnShiftsOut(
            own=[assignment_out(one, now()) for one in found.own],
            free=[_free_out(rota, rota.free(now())) for rota in found.free],
            swappable={id: [one.assignment_id for one in others] for id, others in found.swappable.items()},
        )

    @api.post("/shifts", status_code=201)
    async def take(wanted: TakeIn) -> AssignmentOut:
        """Take a free shift. 410 when others were first."""
        volunteer_id, assignment_id = await linked(wanted.token), str(uuid_utils.uuid7())
        guarded = not settings.unguarded_shifts
        assignment = await delivery.transact(
            lambda tx: shifts.take_shift(tx, wanted.session_id, volunteer_id, assignment_id, rules, guarded=guarded),
            key=wanted.session_id if guarded else assignment_id,
        )
        return assignment_out(assignment, now())

    @api.post("/swaps", status_code=201)
    async def propose(swap: SwapIn) -> AssignmentOut:
        """Offer an own shift for another's: the other gets an offer, and a yes to it changes both."""
        volunteer_id, offer_id = await linked(swap.token), str(uuid_utils.uuid7())
        offer = await delivery.transact(
            lambda tx: swaps.propose_swap(tx, volunteer_id, swap.gives, swap.takes, offer_id, rules), key=swap.gives
        )
        return assignment_out(offer, now())

    @api.post("/swaps/withdrawal")
    async def withdraw(swap: SwapBackIn) -> Withdrawn:
        """Take back a swap that is not answered; again is harmless."""
        volunteer_id = await linked(swap.token)
        await delivery.transact(lambda tx: swaps.withdraw_swap(tx, volunteer_id, swap.offer_id), key=swap.offer_id)
        return Withdrawn()

    return api


def _free_out(rota: Rota, free: int) -> FreeShiftOut:
    shift = rota.shift
    return FreeShiftOut(
        session_id=shift.session_id,
        programme_id=shift.programme_id,
        title=shift.title,
        place=shift.place,
        municipality=shift.municipality,
        at=shift.at,
        until=shift.until,
        free=free,
    )
