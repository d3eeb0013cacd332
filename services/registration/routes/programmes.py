"""Planning programmes, and looking at them."""

from datetime import date
from typing import Annotated

import uuid_utils
from fastapi import APIRouter, Depends

from services.registration import store
from services.registration.domain.recurrence import dates_of
from services.registration.domain.wishes import counted, proposals
from services.registration.routes.shapes import (
    CarriedOver,
    CarryOverIn,
    DatesOut,
    LeftOut,
    ProgrammeOut,
    ProposalOut,
    RuleIn,
)
from services.registration.settings import Settings
from services.registration.use_cases import changing, planning, seasons
from services.registration.use_cases.wishes import concerns
from shared.access import Staff, may, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """Routes about programmes as a whole."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    @api.post("/programmes", status_code=201)
    async def plan(plan: planning.Plan, staff: SignedIn) -> ProgrammeOut:
        """Plan a programme with its sessions and places."""
        programme_id = str(uuid_utils.uuid7())
        programme = await delivery.transact(lambda tx: planning.plan_programme(tx, plan, staff, programme_id, zone))
        return ProgrammeOut.of(programme, programme.open_for_registration(now()))

    @api.post("/dates", dependencies=[Depends(staff)])
    async def dates(wanted: RuleIn) -> DatesOut:
        """What a rule gives, to look at before a programme is planned; stores nothing."""
        found = dates_of(wanted.rule, wanted.first, zone, wanted.without_holidays_of)
        return DatesOut(
            at=[start.astimezone(zone) for start in found.starts],
            left_out=[LeftOut(on=day, holiday=name) for day, name in found.left_out.items()],
        )

    @api.get("/programmes")
    async def programmes() -> list[ProgrammeOut]:
        """Programmes that have not ended, the next to begin first."""
        found = await store.current_programmes(reading, now())
        return [ProgrammeOut.of(programme, programme.open_for_registration(now())) for programme in found]

    @api.get("/programmes/{programme_id}")
    async def programme(programme_id: str) -> ProgrammeOut:
        """One programme and how full it is."""
        found = await store.programme(reading, programme_id)
        return ProgrammeOut.of(found, found.open_for_registration(now()))

    @api.put("/programmes/{programme_id}")
    async def change(programme_id: str, wanted: changing.Change, staff: SignedIn) -> ProgrammeOut:
        """Change what was planned. 409 when somebody else has changed it since its `version`."""
        done = await delivery.transact(
            lambda tx: changing.change_programme(tx, programme_id, wanted, staff, zone), key=programme_id
        )
        return ProgrammeOut.of(done.programme, done.programme.open_for_registration(now()))

    @api.get("/programmes/{programme_id}/change")
    async def changeable(programme_id: str, staff: SignedIn) -> changing.Change:
        """What can be changed, as it now is: to change and to send to the programme with PUT."""
        found = await store.programme(reading, programme_id)
        may(staff, found)
        return changing.Change.of(found)

    @api.get("/programmes/{programme_id}/copy")
    async def copy(programme_id: str, first: date, staff: SignedIn) -> planning.Plan:
        """A plan for a new season, the first session on this day: to change and to send to `/programmes`."""
        found = await store.programme(reading, programme_id)
        may(staff, found)
        return planning.plan_again(found, first, zone, now())

    @api.post("/programmes/{programme_id}/carry-over")
    async def carry_over(programme_id: str, wanted: CarryOverIn, staff: SignedIn) -> CarriedOver:
        """Offer everybody in the queue a place in another programme, in their order."""
        people = await delivery.transact(
            lambda tx: seasons.carry_over(tx, programme_id, wanted.to, staff, zone), key=wanted.to
        )
        return CarriedOver(people=people)

    @api.get("/proposals")
    async def proposed(staff: SignedIn) -> list[ProposalOut]:
        """Where enough people wait to begin a new group, the most wanted first."""
        queues = await store.queues(reading, staff, now())
        wanted = [wish for wish in await store.open_wishes(reading) if concerns(staff, wish.municipality)]
        return [ProposalOut.of(proposal) for proposal in proposals(queues, counted(wanted))]

    return api
