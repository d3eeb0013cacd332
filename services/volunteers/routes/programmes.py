"""JSON API: the programmes that volunteers can be asked to."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from services.volunteers import store
from services.volunteers.settings import Settings
from shared.access import Staff, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class ProgrammeOut(BaseModel):
    """A programme that volunteers can be asked to."""

    programme_id: str
    title: str
    organiser: str
    next_session_at: AwareDatetime


class ProgrammesOut(BaseModel):
    """Programmes with a session to come."""

    programmes: list[ProgrammeOut]


def router(delivery: Delivery, _: Settings) -> APIRouter:
    """The routes under /programmes."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now

    @api.get("/programmes")
    async def programmes(staff: SignedIn) -> ProgrammesOut:
        """Programmes that volunteers can be asked to."""
        # One moment: a session that begins in between is not the next one any more.
        at = now()
        found = await store.coming_programmes(reading, staff, at)
        return ProgrammesOut(
            programmes=[
                ProgrammeOut(
                    programme_id=programme.programme_id,
                    title=programme.title,
                    organiser=programme.organiser,
                    next_session_at=programme.next_session(at).starts_at,
                )
                for programme in found
            ]
        )

    return api
