"""Registrations: a place in a programme, a place in its queue, or an application."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from motesplats_events import CancellationReason, RegistrationStatus, Role, Source
from services.registration.domain.programmes import Programme, ProgrammeOver, Session
from services.registration.domain.queue import Entry, Position, position
from services.registration.domain.releases import could_fit
from shared.errors import Conflict, DomainError, Gone, NotFound

LINK_PURPOSE = "registration"


class RegistrationNotFound(NotFound):
    """No registration has this id."""


class RegistrationClosed(Gone):
    """The programme has begun."""

    code = "registration-closed"


class AlreadyCancelled(Gone):
    """The registration was cancelled before."""

    code = "already-cancelled"


class NothingOffered(Gone):
    """There is no offer to answer: it was answered, or its time has passed."""

    code = "nothing-offered"


class NotAnApplication(Conflict):
    """Only an application that has not been answered can be accepted or declined."""

    code = "not-an-application"


class ProgrammeIsFull(Conflict):
    """All places are taken or held."""

    code = "programme-is-full"


@dataclass(frozen=True, slots=True)
class Registration:
    """A person's place in a programme, or place in its queue.

    Attributes:
        participant_id: random; the only id of this person that leaves the service, and only for this programme.
        person_id: whose it is.
        ticket: order in the queue; None when the place was given at once.
        source: how they found the way here.
        referred_by: the unit that showed the way.
        unit_known: it was named by staff, and not in free words by who registered.
        pair_id: the same for two who want to come together.
        answer_by: of an offer.
        wish_id: the wish that an offer is to meet.
        placed_at: when the place was given for good; None before, and for who never had one.
        announced: False while somebody who was offered a place has not said that they want one.
        starts_on: the first day of a membership.
        ended_on: the last day of a membership.
        reason: why it ended.
        cancelled_at: when it ended before the programme did.
        repeated: how often the same person sent the form again.
        version: rises with every change that is published.
        contact_version: rises when the way to reach them changes.
    """

    participant_id: str
    programme_id: str
    person_id: str
    role: Role
    status: RegistrationStatus
    ticket: int | None
    language: str
    reminders: bool
    registered_at: datetime
    source: Source = Source.SELF
    referred_by: str | None = None
    unit_known: bool = False
    pair_id: str | None = None
    answer_by: datetime | None = None
    wish_id: str | None = None
    placed_at: datetime | None = None
    announced: bool = True
    starts_on: date | None = None
    ended_on: date | None = None
    reason: CancellationReason | None = None
    cancelled_at: datetime | None = None
    repeated: int = 0
    version: int = 1
    contact_version: int = 1

    @property
    def holds_a_place(self) -> bool:
        """Whether a place is taken by it."""
        return self.status in (RegistrationStatus.CONFIRMED, RegistrationStatus.OFFERED)

    def has_a_place_at(self, session: Session) -> bool:
        """Whether there was a place when a session began: also of who left afterwards, not of who came in later."""
        if self.placed_at is None:
            return False
        return Stay(self.role, self.placed_at, self.cancelled_at, self.starts_on).covers(session.starts_at)


@dataclass(frozen=True, slots=True)
class Stay:
    """From when until when somebody has, or had, a place.

    Attributes:
        starts_on: the first day of a membership.
    """

    role: Role
    placed_at: datetime
    cancelled_at: datetime | None
    starts_on: date | None

    def covers(self, moment: datetime) -> bool:
        """Whether a session that begins then finds them with a place."""
        left = self.cancelled_at is not None and self.cancelled_at <= moment
        return self.placed_at <= moment and not left and (self.starts_on is None or self.starts_on <= moment.date())


def ended(registration: Registration, programme: Programme) -> datetime:
    """When it ended or will end; `NEVER` where there is no end."""
    return registration.cancelled_at or programme.ends_at


def forgotten(registration: Registration) -> Registration:
    """What is kept of a registration when the person is forgotten: it is counted, and belongs to nobody.

    With the id of the participant for the person's, also the person's other registrations are not found by it.
    """
    return replace(
        registration,
        person_id=registration.participant_id,
        language="",
        reminders=False,
        referred_by=None,
        unit_known=False,
        pair_id=None,
        wish_id=None,
        repeated=0,
        version=registration.version + 1,
        contact_version=registration.contact_version + 1,
    )


def check_open(programme: Programme, roles: Sequence[Role], now: datetime) -> None:
    """Whether somebody may still register.

    Raises:
        RegistrationClosed: it has begun or is over, or nobody registers for it.
        DomainError: the programme has no places for the role at all, or never two for a pair.
    """
    if not programme.open_for_registration(now):
        raise RegistrationClosed("Registration has closed, because the first session has begun")
    wanted = Counter(roles)
    for index, role in enumerate(roles):
        if programme.places_for(role) < wanted[role]:
            field = "companion.role" if index else "role"
            raise DomainError("This programme has no places for that role", field=field)
    if not could_fit(Entry(0, tuple(roles)), replace(programme, taken={})):
        raise DomainError("This programme has no places for two together", field="companion.role")


def queue_of(registrations: Iterable[Registration]) -> list[Entry]:
    """The queue, the first first: a pair is one entry."""
    entries: dict[int, list[Registration]] = {}
    for r in registrations:
        if r.status is RegistrationStatus.WAITING and r.ticket is not None:
            entries.setdefault(r.ticket, []).append(r)
    return [
        Entry(ticket, tuple(r.role for r in together), tuple(r.participant_id for r in together))
        for ticket, together in sorted(entries.items())
    ]


def positions(registrations: Iterable[Registration]) -> Mapping[str, Position]:
    """The place in the queue of everybody who waits, by participant id."""
    waiting = [r for r in registrations if r.status is RegistrationStatus.WAITING]
    queue = queue_of(waiting)
    return {r.participant_id: position(r.role, r.ticket or 0, queue) for r in waiting}


ALWAYS_COUNTED = (RegistrationStatus.CONFIRMED, RegistrationStatus.WAITING, RegistrationStatus.CANCELLED)


def counted(registrations: Iterable[Registration]) -> dict[RegistrationStatus, int]:
    """How many there are by status; offers and applications only where there are any."""
    found = Counter(r.status for r in registrations)
    return {status: found[status] for status in RegistrationStatus if found[status] or status in ALWAYS_COUNTED}


def over(registration: Registration, programme: Programme, now: datetime) -> bool:
    """Whether there is nothing left to cancel: the last session has ended, and with it what was registered for.

    A membership and the queue for one go on in the break between two half-years. An application waits for its answer,
    and an offer ends, whatever has become of the sessions.
    """
    answered = registration.status not in (RegistrationStatus.OFFERED, RegistrationStatus.APPLIED)
    return now >= programme.ends_at and answered and not programme.has_members


def cancelled(
    registration: Registration,
    programme: Programme,
    now: datetime,
    reason: CancellationReason = CancellationReason.OWN,
    today: date | None = None,
) -> Registration:
    """The registration after it ended.

    Args:
        today: the date of `now` where the platform is; the last day of a membership.

    Raises:
        AlreadyCancelled: it was cancelled before.
        ProgrammeOver: there is nothing left to cancel.
    """
    if registration.status is RegistrationStatus.CANCELLED:
        raise AlreadyCancelled("This registration has already been cancelled")
    if over(registration, programme, now) and reason is not CancellationReason.CARRIED_OVER:
        raise ProgrammeOver("The programme has ended; there is nothing left to cancel")
    return replace(
        registration,
        status=RegistrationStatus.CANCELLED,
        reason=reason,
        cancelled_at=now,
        answer_by=None,
        ended_on=today if registration.starts_on else None,
        version=registration.version + 1,
    )


def promoted(registration: Registration, now: datetime, starts_on: date | None = None) -> Registration:
    """The registration after it got a place for good."""
    return replace(
        registration,
        status=RegistrationStatus.CONFIRMED,
        placed_at=now,
        answer_by=None,
        starts_on=starts_on,
        version=registration.version + 1,
    )


def offered(registration: Registration, answer_by: datetime) -> Registration:
    """The registration while a place is held for it."""
    return replace(
        registration, status=RegistrationStatus.OFFERED, answer_by=answer_by, version=registration.version + 1
    )


def check_offer(registration: Registration, now: datetime) -> None:
    """Let pass only an offer that can still be answered.

    Raises:
        NothingOffered.
    """
    if registration.status is not RegistrationStatus.OFFERED or registration.answer_by is None:
        raise NothingOffered("There is no offer to answer any more")
    if now >= registration.answer_by:
        raise NothingOffered("The time to answer this offer has passed")


def check_application(registration: Registration) -> None:
    """Let pass only an application that waits for its answer.

    Raises:
        NotAnApplication.
    """
    if registration.status is not RegistrationStatus.APPLIED:
        raise NotAnApplication("This application has already been answered")
