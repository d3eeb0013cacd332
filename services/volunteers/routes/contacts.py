"""JSON API: the contact log of patient supporters."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.volunteers import store
from services.volunteers.domain.contacts import ContactMade
from services.volunteers.settings import Settings
from services.volunteers.use_cases import contacts as use_cases
from services.volunteers.use_cases.volunteers import linked_volunteer
from shared.access import Staff, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class ContactOut(BaseModel):
    """A contact with a unit.

    Attributes:
        new: nobody had been in contact with the unit before.
    """

    contact_id: str
    volunteer_id: str
    organiser: str
    unit: str
    municipality: str
    contacted_on: date
    about: str
    new: bool
    undone: bool


class ContactsOut(BaseModel):
    """Contacts, the newest first."""

    contacts: list[ContactOut]


class UnitOut(BaseModel):
    """A unit of the log, as it was first written."""

    name: str
    municipality: str


class UnitsOut(BaseModel):
    """Units, by name."""

    units: list[UnitOut]


class ContactIn(use_cases.NewContact):
    """A contact that a patient supporter told of."""

    volunteer_id: str


class OwnContactIn(use_cases.NewContact):
    """A patient supporter's own contact; the token is the last part of the link to their page."""

    token: str


class OwnUndoIn(BaseModel):
    """A patient supporter takes a contact back."""

    token: str
    contact_id: str


def _contact_out(contact: ContactMade) -> ContactOut:
    return ContactOut(
        contact_id=contact.contact_id,
        volunteer_id=contact.volunteer_id,
        organiser=contact.organiser,
        unit=contact.unit.name,
        municipality=contact.municipality,
        contacted_on=contact.contacted_on,
        about=contact.about,
        new=contact.new,
        undone=contact.undone,
    )


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /contacts, /units and /own/contacts."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    @api.get("/contacts")
    async def contacts(staff: SignedIn, year: Annotated[int | None, Query(ge=2000, le=2200)] = None) -> ContactsOut:
        """The contacts of a year, this one unless another is asked for."""
        which = year or now().astimezone(zone).year
        found = await store.contacts_in(reading, staff, date(which, 1, 1), date(which, 12, 31))
        return ContactsOut(contacts=[_contact_out(one) for one in found])

    @api.get("/units", dependencies=[Depends(staff)])
    async def units() -> UnitsOut:
        """The units that are known."""
        found = await store.units(reading)
        return UnitsOut(units=[UnitOut(name=one.name, municipality=one.municipality) for one in found])

    @api.post("/contacts", status_code=201)
    async def note(contact: ContactIn, staff: SignedIn) -> ContactOut:
        """Note a contact; again with the same id is harmless."""
        work = delivery.transact(
            lambda tx: use_cases.note_contact(tx, contact.volunteer_id, contact, zone, staff), key=contact.unit
        )
        return _contact_out(await work)

    @api.post("/contacts/{contact_id}/undo")
    async def undo(contact_id: str, staff: SignedIn) -> ContactOut:
        """Take a contact back on the day on which it was noted; again is harmless."""
        work = delivery.transact(lambda tx: use_cases.undo_contact(tx, contact_id, zone, staff=staff), key=contact_id)
        return _contact_out(await work)

    @api.post("/own/contacts", status_code=201)
    async def note_own(contact: OwnContactIn) -> ContactOut:
        """Note an own contact; again with the same id is harmless."""
        volunteer_id = (await linked_volunteer(reading, settings, contact.token, now())).volunteer_id
        work = delivery.transact(lambda tx: use_cases.note_contact(tx, volunteer_id, contact, zone), key=contact.unit)
        return _contact_out(await work)

    @api.post("/own/contacts/undo")
    async def undo_own(undoing: OwnUndoIn) -> ContactOut:
        """Take an own contact back on the day on which it was noted; again is harmless."""
        volunteer_id = (await linked_volunteer(reading, settings, undoing.token, now())).volunteer_id
        id = undoing.contact_id
        work = delivery.transact(lambda tx: use_cases.undo_contact(tx, id, zone, volunteer_id=volunteer_id), key=id)
        return _contact_out(await work)

    return api
