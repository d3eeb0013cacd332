"""JSON API: whether offers have enough volunteers."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.volunteers.settings import Settings
from services.volunteers.use_cases import sufficiency as use_cases
from shared.access import Staff, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class OfferOut(BaseModel):
    """An offer that is running, with the newest answer.

    Attributes:
        enough: None where nobody has answered.
        ask: nobody has answered for a year, or ever.
    """

    programme_id: str
    title: str
    organiser: str
    municipality: str
    enough: bool | None
    answered_on: date | None
    ask: bool


class OffersOut(BaseModel):
    """Offers, those to ask about first."""

    offers: list[OfferOut]


class AnsweredOut(BaseModel):
    """How many of the answers said something new."""

    changed: int


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /sufficiency."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now

    @api.get("/sufficiency")
    async def offers(staff: SignedIn) -> OffersOut:
        """The offers that are running, those that nobody has been asked about for a year first."""
        found = await use_cases.offers(reading, staff, now(), settings.zone)
        return OffersOut(
            offers=[
                OfferOut(
                    programme_id=one.programme.programme_id,
                    title=one.programme.title,
                    organiser=one.programme.organiser,
                    municipality=one.programme.municipality,
                    enough=one.newest.enough if one.newest else None,
                    answered_on=one.newest.answered_on if one.newest else None,
                    ask=one.stale,
                )
                for one in found
            ]
        )

    @api.post("/sufficiency")
    async def answer(given: use_cases.Answers, staff: SignedIn) -> AnsweredOut:
        """Note answers, all of them or none; the same again changes nothing."""
        work = delivery.transact(
            lambda tx: use_cases.answer_sufficiency(tx, given.answers, staff, settings.zone), key="sufficiency"
        )
        return AnsweredOut(changed=await work)

    return api
