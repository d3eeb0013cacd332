"""What units ask for: received, edited, searched for by staff, and withdrawn."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, field_validator

from motesplats_events import Format, VolunteerRole
from services.volunteers import store
from services.volunteers.domain import requests as domain
from services.volunteers.domain.assignments import OPEN, ended, moved, withdrawn
from services.volunteers.domain.matching import Match
from services.volunteers.domain.requests import (
    LINK_PURPOSE,
    LONGEST_MINUTES,
    MOST_WANTED,
    EnoughAsked,
    Request,
    RequestNotFound,
    RequestStatus,
    UnitKind,
    check_open,
    check_request,
    edited,
    missing,
    searched,
    standing,
    stopped,
    told,
)
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import begun
from services.volunteers.domain.volunteers import VolunteerNotFound
from services.volunteers.use_cases.changing import has_left, save
from services.volunteers.use_cases.organisers import check_organiser, written_here
from services.volunteers.use_cases.pool import may_see, sees
from services.volunteers.use_cases.searching import ask, carry_on, find
from services.volunteers.use_cases.volunteers import Code
from shared.access import Staff, may, read_link
from shared.contact import read_contact
from shared.delivery import Reading, Transaction
from shared.errors import Gone
from shared.settings import Settings
from shared.text import Email, Line, Paragraph


class Wish(BaseModel):
    """What a unit asks for.

    Attributes:
        unit: the clinic, care centre or association that asks.
        organiser: whose coordinators are asked.
        email: of the contact; this or `phone`, not both.
        theme: what it is about, such as `living with heart failure`.
        language: to be spoken, ISO 639.
        place: where; may be empty of a digital meeting.
        at: when it begins; empty where that is agreed later.
        audience: who will be there.
        wanted: how many volunteers.
    """

    unit: Line
    unit_kind: UnitKind
    organiser: Line
    municipality: Line
    contact_name: Line
    email: Email = ""
    phone: Annotated[str, Field(max_length=254)] = ""
    role: VolunteerRole
    theme: Line
    language: Code = "sv"
    format: Format = Format.PHYSICAL
    place: Line | Literal[""] = ""
    at: AwareDatetime | None = None
    minutes: Annotated[int, Field(ge=5, le=LONGEST_MINUTES)] = 60
    audience: Line | Literal[""] = ""
    wanted: Annotated[int, Field(ge=1, le=MOST_WANTED)] = 1
    note: Paragraph = ""

    def request(self, request_id: str, now: datetime) -> Request:
        """The request, as if it came now.

        Raises:
            DomainError: the contact is missing or no contact.
        """
        return Request(
            request_id=request_id,
            unit=self.unit,
            unit_kind=self.unit_kind,
            organiser=self.organiser,
            municipality=self.municipality,
            contact_name=self.contact_name,
            contact=read_contact(self.email, self.phone),
            role=self.role,
            theme=self.theme,
            language=self.language,
            format=self.format,
            place=self.place,
            at=self.at,
            minutes=self.minutes,
            audience=self.audience,
            wanted=self.wanted,
            note=self.note,
            received_at=now,
        )


class PublicWish(Wish):
    """What a unit asks for by the public form.

    Attributes:
        consent: that the contact's details may be used for this; must be given.
    """

    consent: bool

    @field_validator("consent")
    @classmethod
    def _given(cls, value: bool) -> bool:
        if not value:
            raise ValueError("consent is needed")
        return value


async def receive(tx: Transaction, wish: Wish, request_id: str, staff: Staff | None = None) -> Request:
    """Store what a unit asks for; staff then look for somebody.

    Args:
        request_id: made by the caller, so that a repeated run cannot make two.
        staff: who writes down what they were told, unless it is the unit.

    Raises:
        Forbidden, OrganiserUnknown, RoleNotForUnits, DateIsImpossible.
        DomainError: the contact is missing or no contact.
    """
    request = await _request(tx, wish, request_id)
    if staff is not None:
        may(staff, request)
    await check_organiser(tx, wish.organiser, staff)
    check_request(request, tx.now)
    await store.add_request(tx, request)
    return request


async def _request(tx: Transaction, wish: Wish, request_id: str) -> Request:
    where = {"municipality": await written_here(tx, wish.municipality)}
    return wish.model_copy(update=where).request(request_id, tx.now)


async def edit(tx: Transaction, request_id: str, wish: Wish, staff: Staff) -> Request:
    """Put right what was asked for. Whoever has said yes already is told the new time and place.

    Raises:
        RequestNotFound, Forbidden, RequestUnderWay, RequestIsClosed, OrganiserUnknown, RoleNotForUnits,
            DateIsImpossible.
        DomainError: the contact is missing or no contact.
    """
    before = await store.request(tx, request_id)
    may(staff, before)
    if wish.organiser != before.organiser:
        await check_organiser(tx, wish.organiser, staff)
    assignments = await store.assignments_for(tx, request_id)
    # Who has left since does not come at another time.
    coming = [one for one in assignments if one.status not in OPEN or not await has_left(tx, one)]
    after = edited(before, await _request(tx, wish, request_id), standing(coming, tx.now), tx.now)
    may(staff, after)
    await store.save_request(tx, after)
    for assignment in assignments:
        if assignment.status in OPEN and assignment.task != after.task:
            gone = await has_left(tx, assignment)
            await save(tx, withdrawn(assignment) if gone else moved(assignment, after.task))
    return after


async def matched(at: Reading, request: Request, staff: Staff, rules: Rules, now: datetime) -> Match:
    """Who can be asked for a request now, and why the others cannot.

    What somebody avoids, and that they have a pause, is told to the staff of their area alone. Of the others it is
    said how many they are. Two invented requests that differ by their theme alone can still show who drops out.
    """
    found = await find(at, request, await store.assignments_for(at, request.request_id), rules, now)
    seen = [(volunteer, fault) for volunteer, fault in found.excluded if sees(staff, volunteer)]
    return replace(found, excluded=seen, elsewhere=len(found.excluded) - len(seen))


async def search(tx: Transaction, request_id: str, staff: Staff, rules: Rules) -> Request:
    """Ask the first of the candidates, and after every no the next, until all who are wanted have said yes.

    Raises:
        RequestNotFound, Forbidden, RequestIsClosed, RequestIsOver.
    """
    request = await store.request(tx, request_id)
    may(staff, request)
    check_open(request, tx.now)
    begun = replace(request, status=RequestStatus.SEARCHING, version=request.version + 1)
    await store.save_request(tx, begun)
    return await carry_on(tx, request_id, rules)


async def ask_one(tx: Transaction, request_id: str, volunteer_id: str, staff: Staff, rules: Rules) -> Request:
    """Ask somebody whom staff chose. After a no the next of the candidates is asked.

    Raises:
        RequestNotFound, RequestIsClosed, RequestIsOver, EnoughAsked, VolunteerNotFound.
        Forbidden: also when a rule speaks against asking somebody of another area.
        DomainError: the rule that speaks against asking this volunteer.
    """
    request = await store.request(tx, request_id)
    may(staff, request)
    check_open(request, tx.now)
    assignments = list(await store.assignments_for(tx, request_id))
    if not missing(request, standing(assignments, tx.now)):
        raise EnoughAsked("As many as are wanted have been asked. Wait for an answer, or stop the search")
    found = await find(tx, request, assignments, rules, tx.now)
    for volunteer, fault in found.excluded:
        if volunteer.volunteer_id == volunteer_id:
            may_see(staff, volunteer)
            raise fault
    chosen = next((one.volunteer for one in found.candidates if one.volunteer.volunteer_id == volunteer_id), None)
    if chosen is None:
        raise VolunteerNotFound("There is no such volunteer", field="volunteer_id")
    assignments.append(await ask(tx, request, chosen, assignments, rules))
    after = searched(request, standing(assignments, tx.now), news=False)
    await store.save_request(tx, after)
    return after


async def stop(tx: Transaction, request_id: str, staff: Staff) -> Request:
    """Ask nobody more, and take back what has not been answered. Who has said yes stays.

    Raises:
        RequestNotFound, Forbidden, RequestIsClosed.
    """
    before = await store.request(tx, request_id)
    may(staff, before)
    after = stopped(before)
    await store.save_request(tx, after)
    await _call_off(tx, request_id, accepted_too=False)
    return after


async def withdraw(tx: Transaction, request_id: str, staff: Staff | None = None) -> Request:
    """Take a request back. Everybody who was asked or has said yes is told. What has been stays, to be completed.

    Args:
        staff: who was told, unless it is the unit that takes it back.

    Raises:
        RequestNotFound, Forbidden, RequestIsClosed.
    """
    before = await store.request(tx, request_id)
    if staff is not None:
        may(staff, before)
    after = domain.withdrawn(before)
    await store.save_request(tx, after)
    await _call_off(tx, request_id, accepted_too=True)
    return after


async def note_told(tx: Transaction, request_id: str, staff: Staff) -> Request:
    """Note that the unit knows how its request stands.

    Raises:
        RequestNotFound, Forbidden.
    """
    before = await store.request(tx, request_id)
    may(staff, before)
    after = told(before, tx.now)
    await store.save_request(tx, after)
    return after


async def linked_request(at: Reading, settings: Settings, token: str, now: datetime) -> Request:
    """The request that a unit's link is about.

    Raises:
        Gone: the link is forged or has expired, or the request is no more.
    """
    try:
        return await store.request(at, read_link(settings, LINK_PURPOSE, token, now))
    except RequestNotFound:
        raise Gone("This link does not work any more") from None


async def _call_off(tx: Transaction, request_id: str, *, accepted_too: bool) -> None:
    for assignment in await store.assignments_for(tx, request_id):
        if assignment.status in (OPEN if accepted_too else OPEN[:1]):
            after = ended(assignment, begun(assignment.task, tx.now))
            if after is not assignment:
                await save(tx, after)
