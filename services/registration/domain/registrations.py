"""Registrations: a place in a programme, or a place in its queue."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from motesplats_events import RegistrationStatus, Role
from services.registration.domain.programmes import Programme, ProgrammeOver
from shared.contact import Contact
from shared.errors import DomainError, Gone, NotFound

LINK_PURPOSE = "registration"


class RegistrationNotFound(NotFound):
    """No registration has this id."""


class RegistrationClosed(Gone):
    """The programme has begun."""

    code = "registration-closed"


class AlreadyCancelled(Gone):
    """The registration was cancelled before."""

    code = "already-cancelled"


@dataclass(frozen=True, slots=True)
class Registration:
    """A person's place in a programme, or place in its queue.

    Attributes:
        participant_id: random; the only id of this person that leaves the service, and only for this programme.
        ticket: order in the queue; None when the place was given at once.
        repeated: how often the same person sent the form again.
        version: rises with every change that is published.
        contact_version: rises when the way to reach them changes.
    """

    participant_id: str
    programme_id: str
    role: Role
    status: RegistrationStatus
    ticket: int | None
    name: str
    contact: Contact
    language: str
    reminders: bool
    source: str
    registered_at: datetime
    repeated: int = 0
    version: int = 1
    contact_version: int = 1


def check_open(programme: Programme, role: Role, now: datetime) -> None:
    """Whether somebody may still register.

    Raises:
        RegistrationClosed: the first session has begun.
        DomainError: the programme has no places for the role at all.
    """
    if not programme.open_for_registration(now):
        raise RegistrationClosed("Registration has closed, because the first session has begun")
    if programme.places.get(role, 0) == 0:
        raise DomainError("This programme has no places for that role", field="role")


def position(ticket: int, waiting_tickets: Iterable[int]) -> int:
    """The place in the queue: 1 is next."""
    return 1 + sum(1 for other in waiting_tickets if other < ticket)


def positions(registrations: Iterable[Registration]) -> dict[str, int]:
    """The place in the queue of everybody who waits, by participant id."""
    waiting = [r for r in registrations if r.status is RegistrationStatus.WAITING]
    return {
        r.participant_id: position(r.ticket or 0, [w.ticket or 0 for w in waiting if w.role is r.role]) for r in waiting
    }


ALWAYS_COUNTED = (RegistrationStatus.CONFIRMED, RegistrationStatus.WAITING, RegistrationStatus.CANCELLED)


def counted(registrations: Iterable[Registration]) -> dict[RegistrationStatus, int]:
    """How many there are by status; offers and applications only where there are any."""
    found = Counter(r.status for r in registrations)
    return {status: found[status] for status in RegistrationStatus if found[status] or status in ALWAYS_COUNTED}


def cancelled(registration: Registration, programme: Programme, now: datetime) -> Registration:
    """The registration after it was cancelled.

    Raises:
        AlreadyCancelled: it was cancelled before.
        ProgrammeOver: there is nothing left to cancel.
    """
    if registration.status is RegistrationStatus.CANCELLED:
        raise AlreadyCancelled("This registration has already been cancelled")
    if now >= programme.ends_at:
        raise ProgrammeOver("The programme has ended; there is nothing left to cancel")
    return replace(registration, status=RegistrationStatus.CANCELLED, version=registration.version + 1)


def promoted(registration: Registration) -> Registration:
    """The registration after it moved from the queue to a place."""
    return replace(registration, status=RegistrationStatus.CONFIRMED, version=registration.version + 1)
