"""People, for staff: found, shown, put right, paused, protected and forgotten."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from motesplats_events import RegistrationStatus, Role
from services.registration import store
from services.registration.domain.people import Deed, LifeEvent, Note, Person
from services.registration.settings import Settings
from services.registration.use_cases import details, forgetting, people
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.text import Line

SignedIn = Annotated[Staff, Depends(staff)]


class SearchIn(BaseModel):
    """How a name, an e-mail address or a number begins."""

    q: Line


class FoundOut(BaseModel):
    """Somebody who was found, with how many registrations of theirs one may see."""

    person_id: str
    name: str
    contact: str
    registrations: int


class PersonRegistrationOut(BaseModel):
    """A registration of a person."""

    participant_id: str
    programme_id: str
    programme: str
    role: Role
    status: RegistrationStatus
    position: int | None


class PersonOut(BaseModel):
    """A person as staff see them.

    Attributes:
        name: None of a protected identity that was not asked for, and so with how to reach the person.
        registrations: those that one may see.
    """

    person_id: str
    name: str | None
    email: str | None
    phone: str | None
    address: str | None
    life_event: LifeEvent | None
    protected: bool
    registrations: list[PersonRegistrationOut]


class LifeEventIn(BaseModel):
    """What stops messages; None lets them be sent again."""

    life_event: LifeEvent | None


class ProtectionIn(BaseModel):
    """Whether the identity is protected."""

    protected: bool


class ReasonIn(BaseModel):
    """Why somebody needs to see a protected identity."""

    why: Line


class NoteOut(BaseModel):
    """Who did what with a person's details."""

    person_id: str
    at: AwareDatetime
    deed: Deed
    by: str
    unit: str
    why: str

    @classmethod
    def of(cls, note: Note) -> "NoteOut":
        """As it was kept."""
        return cls(person_id=note.person_id, at=note.at, deed=note.deed, by=note.by, unit=note.unit, why=note.why)


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """Routes under /people."""
    api = APIRouter(prefix="/people")
    reading = delivery.reading

    async def out(person: Person, staff: Staff, *, shown: bool = False) -> PersonOut:
        show = shown or person.listed
        held = await people.held_by(reading, person.person_id, staff)
        return PersonOut(
            person_id=person.person_id,
            name=person.name if show else None,
            email=person.contact.email if show else None,
            phone=person.contact.phone if show else None,
            address=person.contact.address if show else None,
            life_event=person.life_event,
            protected=person.protected,
            registrations=[
                PersonRegistrationOut(
                    participant_id=one.registration.participant_id,
                    programme_id=one.programme.programme_id,
                    programme=one.programme.title,
                    role=one.registration.role,
                    status=one.registration.status,
                    position=one.position.number if one.position else None,
                )
                for one in held
            ],
        )

    @api.post("/search")
    async def search(wanted: SearchIn, staff: SignedIn) -> list[FoundOut]:
        """People whose name or contact begins so. A protected identity is never found.

        By POST, so that no name stands in an address, which others keep in logs.
        """
        return [
            FoundOut(person_id=p.person_id, name=p.name, contact=p.contact.line, registrations=n)
            for p, n in await people.search(reading, wanted.q, staff)
        ]

    @api.get("/notes")
    async def notes(staff: SignedIn) -> list[NoteOut]:
        """Who did what with people's details, the newest first; for auditors."""
        people.may_audit(staff)
        return [NoteOut.of(note) for note in await store.notes(reading, staff)]

    @api.get("/{person_id}")
    async def person(person_id: str, staff: SignedIn) -> PersonOut:
        """A person and their registrations."""
        return await out(await people.seen(reading, person_id, staff), staff)

    @api.post("/{person_id}/show")
    async def show(person_id: str, reason: ReasonIn, staff: SignedIn) -> PersonOut:
        """See a protected identity; who, when and why is kept."""
        found = await delivery.transact(lambda tx: details.show(tx, person_id, reason.why, staff), key=person_id)
        return await out(found, staff, shown=True)

    @api.put("/{person_id}/details")
    async def correct(person_id: str, wanted: details.Details, staff: SignedIn) -> PersonOut:
        """Put details right for somebody who called. 409 when somebody else has the name and contact."""
        after = await delivery.transact(lambda tx: details.correct(tx, person_id, wanted, staff), key=person_id)
        return await out(after, staff)

    @api.put("/{person_id}/life-event")
    async def set_life_event(person_id: str, wanted: LifeEventIn, staff: SignedIn) -> PersonOut:
        """Stop all messages, or let them be sent again."""
        after = await delivery.transact(
            lambda tx: details.set_life_event(tx, person_id, wanted.life_event, staff, settings.zone), key=person_id
        )
        return await out(after, staff)

    @api.put("/{person_id}/protection")
    async def protect(person_id: str, wanted: ProtectionIn, staff: SignedIn) -> PersonOut:
        """Protect an identity, or end that."""
        after = await delivery.transact(
            lambda tx: details.set_protection(tx, person_id, wanted.protected, staff), key=person_id
        )
        return await out(after, staff)

    @api.post("/{person_id}/erasure")
    async def forget(person_id: str, staff: SignedIn) -> dict[str, str]:
        """Forget somebody who asked for it. This cannot be undone."""
        await delivery.transact(lambda tx: forgetting.forget(tx, person_id, staff, settings.zone), key=person_id)
        return {"status": "forgotten"}

    return api
