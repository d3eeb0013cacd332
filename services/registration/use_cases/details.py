"""A person's details put right, messages stopped and begun again, and a protected identity; also by telephone."""

from dataclasses import replace
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from motesplats_events import ParticipantContactChanged
from services.registration import store
from services.registration.domain.people import (
    Deed,
    DetailsAreTaken,
    LifeEvent,
    Person,
    corrected,
    with_life_event,
    with_protection,
)
from services.registration.domain.registrations import Registration
from services.registration.use_cases.people import note, seen
from services.registration.use_cases.places import meet_wish
from services.registration.use_cases.registering import Application, comers, register_participant
from shared.access import Staff, may
from shared.contact import read_contact, same_person_key
from shared.delivery import Transaction
from shared.text import Email, Line, Paragraph

DEEDS = {None: Deed.TAKEN_BACK, LifeEvent.PAUSED: Deed.PAUSED, LifeEvent.BEREAVED: Deed.BEREAVED}


class Details(BaseModel):
    """What a person is called and how they are reached.

    Attributes:
        email: this, `phone` or `address`; one of them.
        address: postal, with line breaks.
        language: of all messages; None leaves it as it is.
        reminders: for all registrations; None leaves it as it is.
    """

    name: Line
    email: Email = ""
    phone: Annotated[str, Field(max_length=254)] = ""
    address: Paragraph = ""
    language: Literal["sv", "da", "en"] | None = None
    reminders: bool | None = None


async def correct(tx: Transaction, person_id: str, details: Details, by: Staff | None) -> Person:
    """Put a person's details right, and say how they are reached now for all that they have.

    Who changes the contact by the personal link is taken for nobody who later writes it in a form: else they could take
    another's contact before that person comes, and read on what is theirs. Staff who save it have spoken with them.

    Args:
        by: None when the person does it.

    Raises:
        PersonNotFound, Forbidden, DomainError: see `read_contact`.
        DetailsAreTaken: somebody else has this name and contact.
    """
    before = await _person(tx, person_id, by)
    contact = read_contact(details.email, details.phone, details.address)
    after = corrected(before, details.name, contact, own=by is None)
    other = await store.person_like(tx, same_person_key(after.name, after.contact))
    if after is not before and other and other.person_id != person_id:
        raise DetailsAreTaken(
            "There is a registration with this name and contact already. "
            "We never join two by ourselves; call the organiser, who can help",
            field="name",
        )
    if after is not before:
        await store.save_person(tx, after)
    wanted = (details.language, details.reminders)
    if await _announce(tx, person_id, *wanted, changed=after is not before):
        await note(tx, person_id, Deed.CORRECTED, by)
    return after


async def set_life_event(
    tx: Transaction, person_id: str, event: LifeEvent | None, by: Staff | None, zone: ZoneInfo
) -> Person:
    """Stop all messages, or with None let them be sent again. What is planned waits for nobody to remember it.

    Meanwhile the person keeps their turn in every queue and is not asked; see `can_be_asked`.

    Raises:
        PersonNotFound, Forbidden.
    """
    before = await _person(tx, person_id, by)
    after = with_life_event(before, event)
    if after is not before:
        await store.save_person(tx, after)
        await _announce(tx, person_id)
        await note(tx, person_id, DEEDS[event], by)
        if event is None:
            for wish in await store.wishes_of(tx, person_id):
                await meet_wish(tx, wish.wish_id, zone)
    return after


async def set_protection(tx: Transaction, person_id: str, protected: bool, staff: Staff) -> Person:
    """Protect an identity, or end that: neither the name nor how to reach the person is listed or published.

    Raises:
        PersonNotFound, Forbidden.
    """
    before = await seen(tx, person_id, staff)
    after = with_protection(before, protected)
    if after is not before:
        await store.save_person(tx, after)
        await _announce(tx, person_id)
        await note(tx, person_id, Deed.PROTECTED if protected else Deed.UNPROTECTED, staff)
    return after


async def register_for(
    tx: Transaction, programme_id: str, application: Application, protected: bool, staff: Staff, zone: ZoneInfo
) -> Registration:
    """Register somebody who has called; with a protected identity, before anything of it has left the service.

    Raises:
        Forbidden, ProgrammeNotFound, RegistrationClosed, DomainError: see `register_participant`.
    """
    may(staff, await store.programme(tx, programme_id))
    registration = await register_participant(tx, programme_id, application, zone)
    if protected:
        await protect_comers(tx, application, staff)
    return registration


async def protect_comers(tx: Transaction, application: Application, staff: Staff) -> None:
    """Protect the identity of who applied, and of who comes along and is reached in the same way.

    Raises:
        DomainError: see `read_contact`.
    """
    (_, _, contact), *_ = coming = comers(application)
    keys = [same_person_key(name, theirs) for _, name, theirs in coming if theirs == contact]
    for person in (await store.people_like(tx, keys)).values():
        await set_protection(tx, person.person_id, True, staff)


async def show(tx: Transaction, person_id: str, why: str, staff: Staff) -> Person:
    """Let a member of staff see a protected identity, and keep that they did and why.

    Raises:
        PersonNotFound, Forbidden.
    """
    found = await seen(tx, person_id, staff)
    await note(tx, person_id, Deed.SHOWN, staff, why)
    return found


async def _person(tx: Transaction, person_id: str, by: Staff | None) -> Person:
    return await (seen(tx, person_id, by) if by else store.person(tx, person_id))


async def _announce(
    tx: Transaction,
    person_id: str,
    in_language: str | None = None,
    with_reminders: bool | None = None,
    *,
    changed: bool = True,
) -> bool:
    """Say how the person is reached, for each registration, guest and wish of which something is different.

    Also for those that have ended: whoever has an old address is to have the new one instead.

    Args:
        changed: the person is; else only the language or the wish for reminders may be.
    """
    said = False
    for before in await store.registrations_of(tx, person_id):
        language = in_language or before.language
        reminders = before.reminders if with_reminders is None else with_reminders
        if changed or (language, reminders) != (before.language, before.reminders):
            version, contact_version = before.version + 1, before.contact_version + 1
            one = replace(before, language=language, reminders=reminders)
            await store.save_registration(tx, replace(one, version=version, contact_version=contact_version))
            tx.publish_current(ParticipantContactChanged, one.participant_id, sequence=contact_version)
            said = True
    for wish in await store.wishes_of(tx, person_id):
        language = in_language or wish.language
        if changed or language != wish.language:
            contact_version = wish.contact_version + 1
            after = replace(wish, language=language, version=wish.version + 1, contact_version=contact_version)
            await store.save_wish(tx, after)
            tx.publish_current(ParticipantContactChanged, wish.wish_id, sequence=contact_version)
            said = True
    for guest in await store.guests_of(tx, person_id):
        language = in_language or guest.language
        if changed or language != guest.language:
            again = replace(guest, language=language, version=guest.version + 1)
            await store.save_guest(tx, again)
            tx.publish_current(ParticipantContactChanged, again.guest_id, sequence=again.version)
            said = True
    return said
