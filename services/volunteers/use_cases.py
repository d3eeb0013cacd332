"""What can be done: applying, enrolling, offering, answering, completing.

Each function runs in one transaction and is safe to run again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field, field_validator

from motesplats_events import VolunteerContactChanged, VolunteerRole
from services.volunteers import publishes, store
from services.volunteers.domain import (
    MOST_HOURS,
    MOST_PEOPLE,
    Assignment,
    AssignmentNotFound,
    AssignmentStatus,
    Volunteer,
    VolunteerIsKnown,
    VolunteerStatus,
    answered,
    completed,
    enrolled,
    expired,
    offered,
)
from shared.access import Staff, may, read_link
from shared.contact import read_contact, same_person_key
from shared.delivery import Reading, Transaction
from shared.errors import Gone
from shared.settings import Settings
from shared.text import Email, Line

LINK_PURPOSE = "assignment"


def _each_once(roles: Sequence[VolunteerRole]) -> list[VolunteerRole]:
    return list(dict.fromkeys(roles))


Roles = Annotated[list[VolunteerRole], Field(min_length=1), AfterValidator(_each_once)]


class Person(BaseModel):
    """Somebody who wants to do assignments.

    Attributes:
        email: this or `phone`, not both.
    """

    name: Line
    email: Email = ""
    phone: Annotated[str, Field(max_length=254)] = ""
    language: Literal["sv", "da", "en"] = "sv"
    roles: Roles
    municipality: Line

    def key(self) -> str:
        """What makes two forms the same person's.

        Raises:
            DomainError: the contact is missing or no contact.
        """
        return same_person_key(self.name, read_contact(self.email, self.phone))


class Application(Person):
    """Somebody who asks to become a volunteer.

    Attributes:
        consent: that the personal data may be used for this; must be given.
    """

    consent: bool

    @field_validator("consent")
    @classmethod
    def _given(cls, value: bool) -> bool:
        if not value:
            raise ValueError("consent is needed")
        return value


class Offer(BaseModel):
    """An assignment to offer.

    Attributes:
        title: what it is called to the volunteer; empty for the programme's title.
    """

    volunteer_id: str
    programme_id: str
    role: VolunteerRole
    title: Line | Literal[""] = ""


class Work(BaseModel):
    """What came of an assignment.

    Attributes:
        hours: time spent, half hours and quarters too.
    """

    hours: Annotated[float, Field(gt=0, le=MOST_HOURS)]
    people_met: Annotated[int, Field(ge=0, le=MOST_PEOPLE)]


async def apply(tx: Transaction, person: Person, volunteer_id: str) -> None:
    """Store an application. A second one of the same person changes nothing and is not told apart.

    Raises:
        DomainError: the contact is missing or no contact.
    """
    if await store.volunteer_like(tx, person.key()) is None:
        await store.add_volunteer(tx, _volunteer(tx, person, volunteer_id, VolunteerStatus.APPLIED))


async def enrol(tx: Transaction, person: Person, volunteer_id: str) -> Volunteer:
    """Enrol somebody at once, and announce how to reach them.

    Raises:
        VolunteerIsKnown: the person has applied or is enrolled.
        DomainError: the contact is missing or no contact.
    """
    known = await store.volunteer_like(tx, person.key())
    if known is not None:
        if known.status is VolunteerStatus.APPLIED:
            raise VolunteerIsKnown("This person has applied. Confirm the application instead")
        raise VolunteerIsKnown("This person is in the list already")
    volunteer = _volunteer(tx, person, volunteer_id, VolunteerStatus.ENROLLED)
    await store.add_volunteer(tx, volunteer)
    tx.publish_current(VolunteerContactChanged, volunteer.volunteer_id, sequence=volunteer.version)
    return volunteer


async def confirm_application(tx: Transaction, volunteer_id: str) -> Volunteer:
    """Enrol somebody who applied, and announce how to reach them. Confirming again changes nothing.

    Raises:
        VolunteerNotFound.
    """
    before = await store.volunteer(tx, volunteer_id)
    after = enrolled(before, tx.now)
    if after is not before:
        await store.save_volunteer(tx, after)
        tx.publish_current(VolunteerContactChanged, after.volunteer_id, sequence=after.version)
    return after


async def offer_assignment(tx: Transaction, offer: Offer, staff: Staff, assignment_id: str) -> Assignment:
    """Ask a volunteer, and announce it.

    Args:
        assignment_id: made by the caller, so that a repeated run cannot make two.

    Raises:
        VolunteerNotFound, ProgrammeNotFound, Forbidden, and what `offered` raises.
    """
    volunteer = await store.volunteer(tx, offer.volunteer_id)
    programme = await store.programme(tx, offer.programme_id)
    may(staff, programme)
    others = await store.assignments_of(tx, volunteer.volunteer_id, programme.programme_id)
    assignment = offered(assignment_id, volunteer, programme, offer.role, offer.title, others, tx.now)
    for other in others:
        # An unanswered offer still stands as open until it is written down that its time has passed.
        if other.status is AssignmentStatus.OFFERED and other.role is offer.role:
            await store.save_assignment(tx, expired(other))
    await store.add_assignment(tx, assignment)
    tx.publish(publishes.assignment_offered(assignment), sequence=assignment.version)
    return assignment


async def linked_assignment(at: Reading, settings: Settings, token: str, now: datetime) -> Assignment:
    """The assignment that a mailed link is about.

    Raises:
        Gone: the link is forged or has expired, or the assignment is no more.
    """
    assignment_id = read_link(settings, LINK_PURPOSE, token, now)
    try:
        return await store.assignment(at, assignment_id)
    except AssignmentNotFound:
        raise Gone("This link does not work any more") from None


async def answer_offer(tx: Transaction, assignment_id: str, accept: bool) -> Assignment:
    """Say yes or no to an offer.

    Raises:
        AssignmentNotFound, AlreadyAnswered, OfferExpired.
    """
    assignment = answered(await store.assignment(tx, assignment_id), accept, tx.now)
    await store.save_assignment(tx, assignment)
    return assignment


async def complete_assignment(
    tx: Transaction, assignment_id: str, work: Work, zone: ZoneInfo, staff: Staff | None = None
) -> Assignment:
    """Say that an assignment was done, and announce it.

    Args:
        zone: where the platform is, for the date.
        staff: who says so, unless it is the volunteer.

    Raises:
        AssignmentNotFound, Forbidden, AlreadyCompleted, NotAccepted, NotYetBegun.
    """
    before = await store.assignment(tx, assignment_id)
    if staff is not None:
        may(staff, before)
    today = tx.now.astimezone(zone).date()
    after = completed(before, work.hours, work.people_met, tx.now, today)
    await store.save_assignment(tx, after)
    tx.publish(publishes.assignment_completed(after), sequence=after.version)
    return after


def _volunteer(tx: Transaction, person: Person, volunteer_id: str, status: VolunteerStatus) -> Volunteer:
    return Volunteer(
        volunteer_id=volunteer_id,
        name=person.name,
        contact=read_contact(person.email, person.phone),
        language=person.language,
        roles=person.roles,
        municipality=person.municipality,
        status=status,
        since=tx.now,
    )
