"""Registering, applying, and leaving. Every way to a place leads through `places`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Annotated, Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, field_validator

from motesplats_events import (
    CancellationReason,
    ParticipantContactChanged,
    RegistrationStatus,
    Role,
    Source,
)
from services.registration import publishes, store
from services.registration.domain.kinds import Admission
from services.registration.domain.people import Person
from services.registration.domain.programmes import Programme, entry_day, takes_in
from services.registration.domain.queue import Entry, moving_up
from services.registration.domain.registrations import (
    AlreadyCancelled,
    ProgrammeIsFull,
    Registration,
    cancelled,
    check_application,
    check_open,
    promoted,
)
from services.registration.use_cases.guests import end_guests_from
from services.registration.use_cases.places import end_offer, give_free_places, pass_on
from shared.access import Staff, may
from shared.contact import Contact, read_contact, same_person_key
from shared.delivery import Transaction
from shared.errors import Conflict, DomainError
from shared.text import Email, Line, Paragraph


class Companion(BaseModel):
    """Somebody who comes together with who registers; reached the same way unless they give a way of their own."""

    role: Role
    name: Line
    email: Email = ""
    phone: Annotated[str, Field(max_length=254)] = ""


class Application(BaseModel):
    """What somebody writes who wants to come.

    Attributes:
        email: this, `phone` or `address`; one of them.
        address: postal, with line breaks.
        consent: that the personal data may be used for the registration; must be given.
        source: how they found the way here.
        referred_by: the unit that showed the way, in the words of who writes.
        companion: who comes along; both get a place, or both wait.
    """

    role: Role
    name: Line
    email: Email = ""
    phone: Annotated[str, Field(max_length=254)] = ""
    address: Paragraph = ""
    language: Literal["sv", "da", "en"] = "sv"
    reminders: bool = True
    consent: bool
    source: Source = Source.SELF
    referred_by: Line | Literal[""] = ""
    companion: Companion | None = None

    @field_validator("consent")
    @classmethod
    def _given(cls, value: bool) -> bool:
        if not value:
            raise DomainError("Tick the box when you have read how your details are used", field="consent")
        return value


class WithKnownUnit(Application):
    """An application whose unit staff have named: on the telephone, or in a link that they made for it.

    Its unit is published. What people write there themselves may name a person, and is shown to staff only; so is
    what stands in a file, which may hold their words too.
    """


class MetThemselves(Conflict):
    """Two applications that came at the same moment are of one person, and have to be taken one after the other."""


async def register_participant(
    tx: Transaction, programme_id: str, application: Application, zone: ZoneInfo
) -> Registration:
    """One application, see `register_participants`."""
    (registration,) = await register_participants(tx, programme_id, [application], zone)
    return registration


async def register_participants(
    tx: Transaction, programme_id: str, applications: Sequence[Application], zone: ZoneInfo, *, guarded: bool = True
) -> list[Registration]:
    """Give places, or places in the queue, in the order of the applications, and announce them.

    To a standing call, take in the applications. Somebody who is already registered keeps what they have; a message
    then tells them so.

    Args:
        zone: where the platform is, for the first day of a membership.

    Returns:
        The registration of who applied, for each; not that of a companion.

    Raises:
        ProgrammeNotFound, RegistrationClosed, DomainError: see `check_open` and `read_contact`.
        MetThemselves: the same person is in two of them.
    """
    programme = await store.programme(tx, programme_id)
    if len(applications) > 1 and any(release.done for release in programme.releases):
        # Each may bring a place over from another role, and the next finds what is left then.
        return [await register_participant(tx, programme_id, application, zone) for application in applications]
    coming = [comers(application) for application in applications]
    for together in coming:
        check_open(programme, [role for role, *_ in together], tx.now)
    people = await _known_people(tx, [(name, contact) for together in coming for _, name, contact in together])
    own = [[people[same_person_key(name, contact)].person_id for _, name, contact in together] for together in coming]
    if len(set(chain(*map(set, own)))) < sum(len(set(ids)) for ids in own):
        raise MetThemselves("Somebody has registered twice at the same moment. Try once more")
    known = await store.active_registrations(tx, programme_id, chain(*own))
    for before in known.values():
        repeated = replace(before, repeated=before.repeated + 1, version=before.version + 1)
        await store.save_registration(tx, repeated)
        tx.publish(publishes.registration_repeated(repeated), sequence=repeated.version)
    entries = []
    for application, together, ids in zip(applications, coming, own, strict=True):
        new = [
            _registration(tx, programme, application, role, person_id)
            for (role, *_), person_id in zip(together, ids, strict=True)
            if person_id not in known
        ]
        pair_id = str(uuid4()) if len(new) == 2 else None
        entries.append([replace(one, pair_id=pair_id) for one in new])
    admitted = await admit(tx, programme, [new for new in entries if new], zone, guarded=guarded)
    by_person = {**known, **{one.person_id: one for one in admitted}}
    return [by_person[ids[0]] for ids in own]


def comers(application: Application) -> list[tuple[Role, str, Contact]]:
    """Who comes by an application: one or two, with role, name and contact. Raises: DomainError."""
    contact = read_contact(application.email, application.phone, application.address)
    comers = [(application.role, application.name, contact)]
    if other := application.companion:
        own = read_contact(other.email, other.phone) if other.email or other.phone else contact
        comers.append((other.role, other.name, own))
        if same_person_key(other.name, own) == same_person_key(application.name, contact):
            raise DomainError("Write the name of the other person here", field="companion.name")
    return comers


async def known_person(tx: Transaction, name: str, contact: Contact) -> Person:
    """The person with this name and contact; somebody new if there is none."""
    (person,) = (await _known_people(tx, [(name, contact)])).values()
    return person


async def _known_people(tx: Transaction, named: Sequence[tuple[str, Contact]]) -> dict[str, Person]:
    """The people with these names and contacts, by key; those that there are not are new.

    Somebody new who is reached as one with a protected identity is protected too: they would give it away.
    """
    wanted = {same_person_key(name, contact): (name, contact) for name, contact in named}
    known = await store.people_like(tx, wanted)
    if known:
        await store.keep_people(tx, [person.person_id for person in known.values()])
    hidden = await store.hidden_among(tx, [contact for _, contact in wanted.values()])
    new = {
        key: Person(str(uuid4()), name, contact, tx.now, protected=contact.line in hidden)
        for key, (name, contact) in wanted.items()
        if key not in known
    }
    if new:
        await store.add_people(tx, new.values())
    return known | new


def _registration(
    tx: Transaction, programme: Programme, application: Application, role: Role, person_id: str
) -> Registration:
    return Registration(
        participant_id=str(uuid4()),
        programme_id=programme.programme_id,
        person_id=person_id,
        role=role,
        status=RegistrationStatus.WAITING,
        ticket=None,
        language=application.language,
        reminders=application.reminders,
        registered_at=tx.now,
        source=application.source,
        referred_by=application.referred_by or None,
        unit_known=isinstance(application, WithKnownUnit),
    )


async def admit(
    tx: Transaction,
    programme: Programme,
    entries: Sequence[Sequence[Registration]],
    zone: ZoneInfo,
    *,
    guarded: bool = True,
) -> list[Registration]:
    """Store new registrations, one or two that belong together in each entry: both with a place, or both in the queue.

    The entries come in their order, as if one after the other.
    """
    if not entries:
        return []
    today = tx.now.astimezone(zone).date()
    starts_on = entry_day(programme, tx.now, today) if programme.has_members else None
    applies = programme.rules.admission is Admission.APPLICATION
    placed: set[int] = set()
    tickets: dict[int, tuple[int, dict[Role, int]]] = {}
    if not applies:
        if takes_in(programme, tx.now, today):
            # Several come together only where places stay where they are.
            if len(entries) == 1:
                programme = await pass_on(tx, programme, [Entry(0, tuple(one.role for one in entries[0]))])
            placed = await _take_places(tx, programme, entries, guarded)
        waiting = {n: Counter(one.role for one in entry) for n, entry in enumerate(entries) if n not in placed}
        if waiting:
            given = await store.take_tickets(tx, programme.programme_id, list(waiting.values()))
            tickets = dict(zip(waiting, given, strict=True))
    stored = []
    for n, entry in enumerate(entries):
        for one in entry:
            if n in placed:
                one = replace(one, status=RegistrationStatus.CONFIRMED, placed_at=tx.now, starts_on=starts_on)
            else:
                status = RegistrationStatus.APPLIED if applies else RegistrationStatus.WAITING
                ticket = tickets[n][0] if n in tickets else None
                one = replace(one, status=status, ticket=ticket, placed_at=None, starts_on=None)
            stored.append(one)
            place_in_queue = tickets[n][1][one.role] + 1 if n in tickets else None
            tx.publish(publishes.participant_registered(one, programme, place_in_queue), sequence=one.version)
            tx.publish_current(ParticipantContactChanged, one.participant_id, sequence=one.contact_version)
    await store.add_registrations(tx, stored)
    return stored


async def _take_places(
    tx: Transaction, programme: Programme, entries: Sequence[Sequence[Registration]], guarded: bool
) -> set[int]:
    """Take the places of those who fit, in their order; their numbers."""
    queue = [Entry(n, tuple(one.role for one in entry)) for n, entry in enumerate(entries)]
    if not guarded:
        return {one.ticket for one in queue if await store.take_places_unguarded(tx, programme, one.wants)}
    fitting = moving_up(programme, queue)
    wants = sum((one.wants for one in fitting), Counter[Role]())
    if fitting and not await store.take_places(tx, programme, wants):
        # Somebody else has taken some since the programme was read: each for itself then.
        fitting = [one for one in queue if await store.take_places(tx, programme, one.wants)]
    return {one.ticket for one in fitting}


async def cancel_registration(
    tx: Transaction,
    participant_id: str,
    zone: ZoneInfo,
    *,
    programme_id: str | None = None,
    reason: CancellationReason = CancellationReason.OWN,
) -> None:
    """End a registration, an offer or an application; a place goes to the next in the queue in the same step.

    Args:
        programme_id: when staff cancel: the programme they have the right to.

    Raises:
        RegistrationNotFound, AlreadyCancelled, ProgrammeOver.
    """
    if programme_id is None:
        before = await store.registration(tx, participant_id)
    else:
        before = await store.registration_in(tx, programme_id, participant_id)
    if before.status is RegistrationStatus.OFFERED:
        # Whoever gives up what was offered has said no to it.
        own = reason is CancellationReason.OWN
        await end_offer(tx, before, zone, CancellationReason.OFFER_DECLINED if own else reason)
        return
    programme = await store.programme(tx, before.programme_id)
    if programme.has_members and before.status is RegistrationStatus.CONFIRMED and reason is CancellationReason.OWN:
        reason = CancellationReason.MEMBERSHIP_ENDED
    await end(tx, programme, before, zone, reason)
    # Also when a place was not held: half of a pair that waits may fit where both did not.
    await give_free_places(tx, programme.programme_id, zone)


async def end(
    tx: Transaction, programme: Programme, before: Registration, zone: ZoneInfo, reason: CancellationReason
) -> None:
    """End one registration and announce it, and with it what was booked elsewhere to make something up.

    Its place is free then; the caller gives it on.

    Raises:
        AlreadyCancelled, ProgrammeOver.
    """
    after = cancelled(before, programme, tx.now, reason, tx.now.astimezone(zone).date())
    await store.save_registration(tx, after)
    if before.holds_a_place:
        await store.free_places(tx, programme.programme_id, Counter([before.role]))
    if before.status is RegistrationStatus.WAITING:
        await store.leave_queue(tx, programme.programme_id, Counter([before.role]))
    held_a_place = before.status is RegistrationStatus.CONFIRMED
    tx.publish(publishes.registration_cancelled(after, held_a_place), sequence=after.version)
    await end_guests_from(tx, before.participant_id, zone)


async def tell_again(tx: Transaction, participant_id: str) -> None:
    """Let a message say how the registration stands, with a new personal link: for who has lost it.

    Raises:
        RegistrationNotFound, Conflict.
        AlreadyCancelled: there is nothing to tell.
    """
    before = await store.registration(tx, participant_id)
    if before.status is RegistrationStatus.CANCELLED:
        raise AlreadyCancelled("This registration has already been cancelled")
    after = replace(before, version=before.version + 1)
    await store.save_registration(tx, after)
    tx.publish(publishes.registration_repeated(after), sequence=after.version)


class Answer(BaseModel):
    """What staff say to an application.

    Attributes:
        reason: what the applicant is told; needed when they are declined.
    """

    accept: bool
    reason: Paragraph = ""


async def answer_application(
    tx: Transaction, programme_id: str, participant_id: str, answer: Answer, staff: Staff, zone: ZoneInfo
) -> Registration:
    """Accept or decline an application to a standing call, and tell the applicant.

    Raises:
        Forbidden, RegistrationNotFound, NotAnApplication.
        ProgrammeIsFull: all places are taken.
        DomainError: declined without a word.
    """
    programme = await store.programme(tx, programme_id)
    may(staff, programme)
    before = await store.registration_in(tx, programme_id, participant_id)
    check_application(before)
    if not answer.accept:
        if not answer.reason:
            raise DomainError("Write a few words to the applicant", field="reason")
        tx.publish(publishes.application_answered(before, answer.accept, answer.reason), sequence=before.version + 1)
        await end(tx, programme, before, zone, CancellationReason.APPLICATION_DECLINED)
        return await store.registration(tx, participant_id)
    programme = await pass_on(tx, programme, [Entry(0, (before.role,))])
    if not await store.take_places(tx, programme, Counter([before.role])):
        raise ProgrammeIsFull("All places are taken. Decline the application, or plan more places")
    after = promoted(before, tx.now)
    await store.save_registration(tx, after)
    tx.publish(publishes.application_answered(after, answer.accept, answer.reason), sequence=after.version)
    tx.publish(publishes.registration_promoted(after), sequence=after.version)
    return after
