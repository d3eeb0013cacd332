"""JSON API: shifts of drop-in houses, and filling a season."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Annotated

import uuid_utils
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.volunteers import store
from services.volunteers.domain.shifts import NEAR, Rota
from services.volunteers.routes.shown_shifts import (
    FilledOut,
    HostOut,
    NotGivenOut,
    PatternFilledOut,
    PatternOut,
    RotaOut,
    SharedOut,
    ShiftOut,
    ThinShiftOut,
    ThinShiftsOut,
    candidate_out,
    host_out,
    pattern_out,
    shift_out,
)
from services.volunteers.settings import Settings
from services.volunteers.use_cases import patterns, shift_work, shifts, substitutes
from shared.access import Staff, may, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class HostIn(BaseModel):
    """Who is put on a shift."""

    volunteer_id: str


class AskIn(BaseModel):
    """Who is asked; empty: those who could come, in their order, until somebody has said yes."""

    volunteer_ids: Annotated[list[str], Field(max_length=50)] = []


class AskedOut(BaseModel):
    """How many were asked."""

    asked: int


class EndIn(BaseModel):
    """The last day of a pattern."""

    last_on: date


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /rotas, /patterns, /shifts and /thin-shifts."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    async def names_in(rotas: Collection[Rota]) -> dict[str, str]:
        return await store.names(reading, sorted({one.volunteer_id for rota in rotas for one in rota.assignments}))

    async def shown(session_id: str) -> ShiftOut:
        rota = await store.rota(reading, session_id)
        return shift_out(rota, await names_in([rota]), now())

    async def filled_out(filled: patterns.Filled) -> FilledOut:
        names = await store.names(reading, sorted({one.volunteer_id for one in filled.given}))
        return FilledOut(
            given=[host_out(one, names, now()) for one in filled.given],
            not_given=[
                NotGivenOut(volunteer_id=volunteer_id, session_id=session_id, code=error.code)
                for (volunteer_id, session_id), error in filled.not_given.items()
            ],
        )

    @api.get("/rotas/{programme_id}")
    async def rota(programme_id: str, staff: SignedIn) -> RotaOut:
        """The shifts of a programme."""
        may(staff, await store.programme(reading, programme_id))
        rotas = await store.rotas_of(reading, programme_id)
        names = await names_in(rotas)
        return RotaOut(
            programme_id=programme_id,
            shifts=[shift_out(one, names, now()) for one in rotas],
            patterns=[pattern_out(one) for one in await store.patterns_of(reading, programme_id)],
        )

    @api.get("/thin-shifts")
    async def thin(staff: SignedIn, days: Annotated[int, Query(ge=1, le=365)] = NEAR.days) -> ThinShiftsOut:
        """Shifts of the next days that want more hosts, with who could be asked."""
        coming = await store.rotas_between(reading, now(), now() + timedelta(days=days), staff)
        rotas = [rota for rota in coming if rota.thin(now())]
        names = await names_in(rotas)
        able = await substitutes.candidates(reading, rotas, rules, now(), staff)
        return ThinShiftsOut(
            shifts=[
                ThinShiftOut(
                    **shift_out(one, names, now()).model_dump(),
                    candidates=[candidate_out(each) for each in candidates],
                )
                for one, candidates in zip(rotas, able, strict=True)
            ]
        )

    @api.post("/rotas/{programme_id}/patterns", status_code=201)
    async def add_pattern(programme_id: str, wanted: patterns.NewPattern, staff: SignedIn) -> PatternFilledOut:
        """Let a host stand on the rota by a pattern; the sessions that are planned are theirs at once."""
        pattern_id = str(uuid_utils.uuid7())
        pattern, filled = await delivery.transact(
            lambda tx: patterns.add_pattern(tx, programme_id, wanted, staff, pattern_id, rules), key=programme_id
        )
        return PatternFilledOut(pattern=pattern_out(pattern), **(await filled_out(filled)).model_dump())

    @api.post("/patterns/{pattern_id}/end")
    async def end_pattern(pattern_id: str, end: EndIn, staff: SignedIn) -> PatternOut:
        """Let a pattern end; what it had given out after that day is free again."""
        work = delivery.transact(
            lambda tx: patterns.end_pattern(tx, pattern_id, end.last_on, staff, rules), key=pattern_id
        )
        return pattern_out(await work)

    @api.post("/rotas/{programme_id}/sharing")
    async def share_out(programme_id: str, sharing: patterns.Sharing, staff: SignedIn) -> SharedOut:
        """Give the free places to come to these hosts, to each as many as to the others."""
        filled = await delivery.transact(
            lambda tx: patterns.share_out(tx, programme_id, sharing, staff, rules), key=programme_id
        )
        return SharedOut(still_free=filled.still_free, **(await filled_out(filled)).model_dump())

    @api.get("/shifts/{session_id}")
    async def shift(session_id: str, staff: SignedIn) -> ShiftOut:
        """One shift."""
        may(staff, (await store.rota(reading, session_id)).shift)
        return await shown(session_id)

    @api.post("/shifts/{session_id}/hosts", status_code=201)
    async def place(session_id: str, host: HostIn, staff: SignedIn) -> HostOut:
        """Put a host who has said yes on a shift."""
        assignment_id = str(uuid_utils.uuid7())
        assignment = await delivery.transact(
            lambda tx: shifts.place_host(tx, session_id, host.volunteer_id, staff, assignment_id, rules),
            key=session_id,
        )
        return host_out(assignment, await store.names(reading, [host.volunteer_id]), now())

    @api.post("/shifts/{session_id}/offers")
    async def ask(session_id: str, wanted: AskIn, staff: SignedIn) -> AskedOut:
        """Ask several who could come; the first to say yes has it."""
        work = delivery.transact(
            lambda tx: substitutes.ask_for_shift(tx, session_id, wanted.volunteer_ids, staff, rules), key=session_id
        )
        return AskedOut(asked=await work)

    @api.post("/shifts/{session_id}/completion")
    async def complete(session_id: str, done: shift_work.ShiftDone, staff: SignedIn) -> ShiftOut:
        """Complete a shift for all who were there; again is harmless."""
        await delivery.transact(
            lambda tx: shift_work.complete_shift(tx, session_id, done, staff, rules), key=session_id
        )
        return await shown(session_id)

    return api
