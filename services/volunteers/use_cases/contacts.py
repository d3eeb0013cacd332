"""The contact log of patient supporters."""

from datetime import date
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, StringConstraints

from services.volunteers import publishes, store
from services.volunteers.domain.contacts import (
    ContactIsAnothers,
    ContactMade,
    ContactNotFound,
    Unit,
    first_instead,
    noted,
    undone,
)
from services.volunteers.use_cases.organisers import check_organiser, written_here
from services.volunteers.use_cases.pool import may_see
from shared.access import Staff, may
from shared.delivery import Transaction
from shared.text import Line


class NewContact(BaseModel):
    """A contact with a unit.

    Attributes:
        contact_id: made with the form, so that it is noted once however often it is sent.
        organiser: for whom the supporter does it.
        unit: the clinic, ward or care centre.
        about: a line on what it was about; never a patient.
    """

    contact_id: UUID
    organiser: Line
    unit: Line
    municipality: Line
    contacted_on: date
    about: Annotated[Line, StringConstraints(max_length=120)]


async def note_contact(
    tx: Transaction, volunteer_id: str, new: NewContact, zone: ZoneInfo, staff: Staff | None = None
) -> ContactMade:
    """Write a contact into the log, and announce it. The same again changes nothing.

    Args:
        zone: where the platform is, for the date.
        staff: who writes it, unless it is the supporter.

    Raises:
        VolunteerNotFound, Forbidden, OrganiserUnknown, NoPatientSupporter, ContactOutOfTime, ContactIsAnothers.
    """
    volunteer = await store.volunteer(tx, volunteer_id)
    where = await written_here(tx, new.municipality)
    unit = await store.known_unit(tx, Unit(new.unit, new.municipality), Unit(new.unit, where))
    id = str(new.contact_id)
    before = await store.contact_or_none(tx, id)
    if before is not None:
        if (before.volunteer_id, before.unit.key) != (volunteer_id, unit.key):
            raise ContactIsAnothers("This form has been used before. Open the page again")
        return before
    earlier = await store.contacts_with(tx, unit)
    contact = noted(id, volunteer, new.organiser, unit, new.contacted_on, new.about, earlier, tx.now, zone)
    if staff is not None:
        may_see(staff, volunteer)
        may(staff, contact)
    await check_organiser(tx, new.organiser, staff)
    await store.add_contact(tx, contact)
    tx.publish(publishes.unit_contacted(contact), sequence=contact.version)
    return contact


async def undo_contact(
    tx: Transaction, contact_id: str, zone: ZoneInfo, *, volunteer_id: str | None = None, staff: Staff | None = None
) -> ContactMade:
    """Take a contact back on the day on which it was noted, and announce it; again changes nothing.

    When it was the first with its unit, the next one is now the first.

    Args:
        volunteer_id: the supporter, if it is them.
        staff: who takes it back, unless it is the supporter.

    Raises:
        ContactNotFound, Forbidden, TooLateToUndo.
    """
    before = await store.contact_or_none(tx, contact_id)
    if before is None or volunteer_id not in (None, before.volunteer_id):
        raise ContactNotFound("There is no such contact")
    if staff is not None:
        may(staff, before)
    after = undone(before, tx.now, zone)
    if after is before:
        return before
    changed = [after]
    if before.new:
        others = [one for one in await store.contacts_with(tx, before.unit) if one.contact_id != contact_id]
        changed += [one for one in [first_instead(others)] if one]
    for contact in changed:
        await store.save_contact(tx, contact)
        tx.publish(publishes.unit_contacted(contact), sequence=contact.version)
    return after
