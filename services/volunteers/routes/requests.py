"""JSON API: what units ask for, and the search for somebody who does it."""

from typing import Annotated, Literal

import uuid_utils
from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel

from motesplats_events import Format, VolunteerRole
from services.volunteers import store
from services.volunteers.domain import requests as domain
from services.volunteers.domain.requests import LINK_FOR, LINK_PURPOSE, RequestStatus, UnitKind, standing
from services.volunteers.routes.shown import AssignmentOut, assignment_out
from services.volunteers.settings import Settings
from services.volunteers.use_cases import requests as use_cases
from shared.access import Staff, link_token, may, staff
from shared.delivery import Delivery
from shared.errors import Problem
from shared.web.errors import translator

SignedIn = Annotated[Staff, Depends(staff)]


class RequestOut(BaseModel):
    """What a unit asks for, as staff see it.

    Attributes:
        at: when it begins; None where that is agreed later.
        told_at: when the unit was last told how it stands; None when there is something to tell.
    """

    request_id: str
    unit: str
    unit_kind: UnitKind
    organiser: str
    municipality: str
    contact_name: str
    email: str | None
    phone: str | None
    role: VolunteerRole
    theme: str
    language: str
    format: Format
    place: str
    at: AwareDatetime | None
    minutes: int
    audience: str
    wanted: int
    note: str
    received_at: AwareDatetime
    status: RequestStatus
    told_at: AwareDatetime | None


class RequestsOut(BaseModel):
    """Requests, the newest first."""

    requests: list[RequestOut]


class StandingOut(BaseModel):
    """How far the search has come: how many said yes, think about it, said no or nothing, and have done it."""

    taken: int
    asked: int
    refused: int
    done: int


class OneRequestOut(BaseModel):
    """A request with everybody who was asked for it, the first first."""

    request: RequestOut
    standing: StandingOut
    assignments: list[AssignmentOut]


class CandidateOut(BaseModel):
    """Somebody who can be asked, with what speaks for it in words, or who cannot, with what speaks against it."""

    volunteer_id: str
    name: str
    municipality: str
    because: list[str]


class MatchOut(BaseModel):
    """Candidates in the order in which they are asked, and who else does it but cannot be asked now.

    Attributes:
        excluded: those of your areas.
        elsewhere: how many there are in other areas.
    """

    candidates: list[CandidateOut]
    excluded: list[CandidateOut]
    elsewhere: int


class ReceivedOut(BaseModel):
    """The request has been received; `token` is the last part of the unit's own link to it."""

    status: Literal["received"] = "received"
    request_id: str
    token: str


class ChosenIn(BaseModel):
    """Whom staff want to ask."""

    volunteer_id: str


class WithdrawalIn(BaseModel):
    """The last part of the unit's own link."""

    token: str


class StatusOut(BaseModel):
    """Where the request now stands."""

    status: RequestStatus


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /requests."""
    api = APIRouter(prefix="/requests")
    reading = delivery.reading
    now = delivery.clock.now
    rules = settings.rules

    @api.post("", status_code=201)
    async def receive(wish: use_cases.PublicWish) -> ReceivedOut:
        """Ask for a peer, a living book, a storyteller, a lecturer or a patient supporter. Needs no account."""
        request_id = str(uuid_utils.uuid7())
        made = await delivery.transact(lambda tx: use_cases.receive(tx, wish, request_id), key=request_id)
        token = link_token(settings, LINK_PURPOSE, request_id, made.received_at + LINK_FOR)
        return ReceivedOut(request_id=request_id, token=token)

    @api.get("")
    async def requests(staff: SignedIn, status: RequestStatus | None = None) -> RequestsOut:
        """What units have asked for."""
        found = await store.requests(reading, staff, status)
        return RequestsOut(requests=[_request_out(one) for one in found])

    @api.post("/withdrawal")
    async def withdraw_by_link(asked: WithdrawalIn) -> StatusOut:
        """Take a request back by the unit's own link."""
        request_id = (await use_cases.linked_request(reading, settings, asked.token, now())).request_id
        work = delivery.transact(lambda tx: use_cases.withdraw(tx, request_id), key=request_id)
        return StatusOut(status=(await work).status)

    @api.get("/{request_id}")
    async def request(request_id: str, staff: SignedIn) -> OneRequestOut:
        """One request, and where it stands."""
        found = await store.request(reading, request_id)
        may(staff, found)
        assignments = await store.assignments_for(reading, request_id)
        stands = standing(assignments, now())
        return OneRequestOut(
            request=_request_out(found),
            standing=StandingOut(taken=stands.taken, asked=stands.asked, refused=stands.refused, done=stands.done),
            assignments=[assignment_out(one, now()) for one in assignments],
        )

    @api.put("/{request_id}")
    async def edit(request_id: str, wish: use_cases.Wish, staff: SignedIn) -> RequestOut:
        """Put a request right. 409 while people think about it: stop the search first."""
        work = delivery.transact(lambda tx: use_cases.edit(tx, request_id, wish, staff), key=request_id)
        return _request_out(await work)

    @api.get("/{request_id}/match")
    async def match(request_id: str, staff: SignedIn, http: Request) -> MatchOut:
        """Who can be asked, in which order and why, and why the others cannot. Changes nothing."""
        found = await store.request(reading, request_id)
        may(staff, found)
        matched = await use_cases.matched(reading, found, staff, rules, now())
        words = translator(http)

        def say(problem: Problem) -> str:
            return words.say(problem.message, **problem.values)

        return MatchOut(
            candidates=[
                CandidateOut(
                    volunteer_id=one.volunteer.volunteer_id,
                    name=one.volunteer.name,
                    municipality=one.volunteer.municipality,
                    because=[say(reason) for reason in one.because],
                )
                for one in matched.candidates
            ],
            excluded=[
                CandidateOut(
                    volunteer_id=volunteer.volunteer_id,
                    name=volunteer.name,
                    municipality=volunteer.municipality,
                    because=[say(reason) for reason in fault.problems],
                )
                for volunteer, fault in matched.excluded
            ],
            elsewhere=matched.elsewhere,
        )

    @api.post("/{request_id}/search")
    async def search(request_id: str, staff: SignedIn) -> RequestOut:
        """Ask the first candidates, and after every no the next, until all who are wanted have said yes."""
        work = delivery.transact(lambda tx: use_cases.search(tx, request_id, staff, rules), key=request_id)
        return _request_out(await work)

    @api.post("/{request_id}/offers")
    async def ask_one(request_id: str, chosen: ChosenIn, staff: SignedIn) -> RequestOut:
        """Ask somebody in particular; after a no the search goes on. 409 when a rule speaks against it."""
        work = delivery.transact(
            lambda tx: use_cases.ask_one(tx, request_id, chosen.volunteer_id, staff, rules), key=request_id
        )
        return _request_out(await work)

    @api.post("/{request_id}/stop")
    async def stop(request_id: str, staff: SignedIn) -> RequestOut:
        """Ask nobody more, and take back what has not been answered. Who has said yes stays."""
        work = delivery.transact(lambda tx: use_cases.stop(tx, request_id, staff), key=request_id)
        return _request_out(await work)

    @api.post("/{request_id}/withdrawal")
    async def withdraw(request_id: str, staff: SignedIn) -> RequestOut:
        """Take a request back for a unit that called."""
        work = delivery.transact(lambda tx: use_cases.withdraw(tx, request_id, staff), key=request_id)
        return _request_out(await work)

    @api.post("/{request_id}/told")
    async def told(request_id: str, staff: SignedIn) -> RequestOut:
        """Note that the unit has been told how its request stands."""
        work = delivery.transact(lambda tx: use_cases.note_told(tx, request_id, staff), key=request_id)
        return _request_out(await work)

    return api


def _request_out(request: domain.Request) -> RequestOut:
    return RequestOut(
        request_id=request.request_id,
        unit=request.unit,
        unit_kind=request.unit_kind,
        organiser=request.organiser,
        municipality=request.municipality,
        contact_name=request.contact_name,
        email=request.contact.email,
        phone=request.contact.phone,
        role=request.role,
        theme=request.theme,
        language=request.language,
        format=request.format,
        place=request.place,
        at=request.at,
        minutes=request.minutes,
        audience=request.audience,
        wanted=request.wanted,
        note=request.note,
        received_at=request.received_at,
        status=request.status,
        told_at=request.told_at,
    )
