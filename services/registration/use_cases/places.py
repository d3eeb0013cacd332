"""Registering, cancelling, and moving up from the queue. Every way to a place leads through `_admit`."""

from dataclasses import replace
from typing import Literal
from uuid import uuid4

from pydantic import BaseModel, field_validator

from motesplats_events import ParticipantContactChanged, RegistrationStatus, Role
from services.registration import publishes, store
from services.registration.domain.programmes import Programme
from services.registration.domain.registrations import Registration, cancelled, check_open, position, promoted
from shared.contact import Contact, read_contact, same_person_key
from shared.delivery import Transaction
from shared.errors import DomainError
from shared.text import Email, Line


class Application(BaseModel):
    """What somebody writes who wants to come.

    Attributes:
        email: this or `phone`, not both.
        consent: that the personal data may be used for the registration; must be given.
        source: who led them here: `self`, or a unit.
    """

    role: Role
    name: Line
    email: Email = ""
    phone: str = ""
    language: Literal["sv", "da", "en"] = "sv"
    reminders: bool = True
    consent: bool
    source: Line = "self"

    @field_validator("consent")
    @classmethod
    def _given(cls, value: bool) -> bool:
        if not value:
            raise DomainError("Tick the box when you have read how your details are used", field="consent")
        return value


async def register_participant(
    tx: Transaction, programme_id: str, application: Application, *, guarded: bool = True
) -> Registration:
    """Give a place, or a place in the queue, and announce it.

    Somebody who is already registered keeps what they have; a message then tells them so.

    Raises:
        ProgrammeNotFound, RegistrationClosed, DomainError: see `check_open` and `read_contact`.
    """
    programme = await store.programme(tx, programme_id)
    check_open(programme, application.role, tx.now)
    contact = read_contact(application.email, application.phone)
    known = await store.active_registration(tx, programme_id, same_person_key(application.name, contact))
    if known:
        repeated = replace(known, repeated=known.repeated + 1, version=known.version + 1)
        await store.save_registration(tx, repeated)
        tx.publish(publishes.registration_repeated(repeated), sequence=repeated.version)
        return repeated
    return await _admit(tx, programme, application, contact, guarded=guarded)


async def _admit(
    tx: Transaction, programme: Programme, application: Application, contact: Contact, *, guarded: bool
) -> Registration:
    role = application.role
    take = store.take_place if guarded else store.take_place_unguarded
    ticket = None if await take(tx, programme, role) else await store.take_ticket(tx, programme.programme_id, role)
    registration = Registration(
        participant_id=str(uuid4()),
        programme_id=programme.programme_id,
        role=role,
        status=RegistrationStatus.CONFIRMED if ticket is None else RegistrationStatus.WAITING,
        ticket=ticket,
        name=application.name,
        contact=contact,
        language=application.language,
        reminders=application.reminders,
        source=application.source,
        registered_at=tx.now,
    )
    place_in_queue = None
    if ticket is not None:
        place_in_queue = position(ticket, await store.waiting_tickets(tx, programme.programme_id, role))
    await store.add_registration(tx, registration)
    tx.publish(
        publishes.participant_registered(registration, programme, place_in_queue),
        sequence=registration.version,
    )
    tx.publish_current(ParticipantContactChanged, registration.participant_id, sequence=registration.contact_version)
    return registration


async def cancel_registration(tx: Transaction, participant_id: str, *, programme_id: str | None = None) -> None:
    """End a registration; the place goes to the next in the queue in the same step.

    Args:
        programme_id: when staff cancel: the programme they have the right to.

    Raises:
        RegistrationNotFound, AlreadyCancelled, ProgrammeOver.
    """
    if programme_id is None:
        before = await store.registration(tx, participant_id)
    else:
        before = await store.registration_in(tx, programme_id, participant_id)
    programme = await store.programme(tx, before.programme_id)
    after = cancelled(before, programme, tx.now)
    await store.save_registration(tx, after)
    held_a_place = before.status is RegistrationStatus.CONFIRMED
    tx.publish(publishes.registration_cancelled(after, held_a_place), sequence=after.version)
    if not held_a_place:
        return
    following = None
    if programme.has_more(tx.now):
        following = await store.first_waiting(tx, before.programme_id, before.role)
    if following is None:
        await store.free_place(tx, before.programme_id, before.role)
        return
    # The place goes from one to the other without being free in between, so that no newcomer can take it.
    moved_up = promoted(following)
    await store.save_registration(tx, moved_up)
    tx.publish(publishes.registration_promoted(moved_up), sequence=moved_up.version)
