"""Applying to become a volunteer, and being enrolled."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field, field_validator

from motesplats_events import VolunteerContactChanged, VolunteerRole
from services.volunteers import publishes, store
from services.volunteers.domain.volunteers import Volunteer, VolunteerIsKnown, VolunteerStatus, enrolled
from shared.contact import read_contact, same_person_key
from shared.delivery import Transaction
from shared.text import Email, Line


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


async def apply(tx: Transaction, person: Person, volunteer_id: str, zone: ZoneInfo) -> None:
    """Store an application. A second one of the same person changes nothing and is not told apart.

    Raises:
        DomainError: the contact is missing or no contact.
    """
    if await store.volunteer_like(tx, person.key()) is None:
        await store.add_volunteer(tx, _applied(tx, person, volunteer_id, tx.now.astimezone(zone).date()))


async def enrol(tx: Transaction, person: Person, volunteer_id: str, zone: ZoneInfo) -> Volunteer:
    """Enrol somebody at once, and announce what they do and how to reach them.

    Args:
        zone: where the platform is, for the date.

    Raises:
        VolunteerIsKnown: the person has applied or is enrolled.
        DomainError: the contact is missing or no contact.
    """
    known = await store.volunteer_like(tx, person.key())
    if known is not None:
        if known.status is VolunteerStatus.APPLIED:
            raise VolunteerIsKnown("This person has applied. Confirm the application instead")
        raise VolunteerIsKnown("This person is in the list already")
    today = tx.now.astimezone(zone).date()
    volunteer = enrolled(_applied(tx, person, volunteer_id, today), tx.now, today)
    await store.add_volunteer(tx, volunteer)
    announce(tx, None, volunteer)
    return volunteer


async def confirm_application(tx: Transaction, volunteer_id: str, zone: ZoneInfo) -> Volunteer:
    """Enrol somebody who applied, and announce it. Confirming again changes nothing.

    Raises:
        VolunteerNotFound.
    """
    before = await store.volunteer(tx, volunteer_id)
    after = enrolled(before, tx.now, tx.now.astimezone(zone).date())
    if after is not before:
        await store.save_volunteer(tx, after)
        announce(tx, before, after)
    return after


def announce(tx: Transaction, before: Volunteer | None, after: Volunteer) -> None:
    """Publish what has changed of an enrolled volunteer; nothing of somebody who has only applied.

    Args:
        before: None of a new one.
    """
    was = before if before is not None and before.enrolled_on else None
    if was is None or publishes.volunteer_contact_changed(was) != publishes.volunteer_contact_changed(after):
        tx.publish_current(VolunteerContactChanged, after.volunteer_id, sequence=after.version)
    state = publishes.volunteer_changed(after)
    if was is None or publishes.volunteer_changed(was) != state:
        tx.publish(state, sequence=after.version)


def _applied(tx: Transaction, person: Person, volunteer_id: str, today: date) -> Volunteer:
    return Volunteer(
        volunteer_id=volunteer_id,
        name=person.name,
        contact=read_contact(person.email, person.phone),
        language=person.language,
        roles=dict.fromkeys(person.roles, today),
        municipality=person.municipality,
        status=VolunteerStatus.APPLIED,
        since=tx.now,
    )
