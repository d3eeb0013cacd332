"""Applying to become a volunteer, being enrolled, correcting details, and leaving."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, field_validator

from motesplats_events import VolunteerContactChanged, VolunteerRole
from services.volunteers import publishes, store
from services.volunteers.domain.assignments import OPEN, ended
from services.volunteers.domain.rules import Rules
from services.volunteers.domain.tasks import begun
from services.volunteers.domain.trainings import completed_training
from services.volunteers.domain.volunteers import (
    HasApplied,
    Reach,
    Volunteer,
    VolunteerIsKnown,
    VolunteerNotFound,
    VolunteerStatus,
    changed,
    check_application,
    enrolled,
    left,
    own_choice,
    roles_since,
    signed_on_paper,
    with_training,
)
from services.volunteers.domain.words import as_known
from services.volunteers.use_cases import searching
from services.volunteers.use_cases.changing import save
from services.volunteers.use_cases.organisers import written_here
from services.volunteers.use_cases.pool import may_see, sees
from shared.access import Staff, read_link
from shared.contact import read_contact, same_person_key
from shared.delivery import Reading, Transaction
from shared.errors import Forbidden, Gone
from shared.settings import Settings
from shared.text import Email, Line

LINK_PURPOSE = "volunteer"
MOST_TOPICS = 30


def _each_once(roles: Sequence[VolunteerRole]) -> list[VolunteerRole]:
    return list(dict.fromkeys(roles))


Roles = Annotated[list[VolunteerRole], Field(min_length=1), AfterValidator(_each_once)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
"""A language, ISO 639."""

Topics = Annotated[list[Line], Field(max_length=MOST_TOPICS)]


class Person(BaseModel):
    """Somebody who wants to do assignments.

    Attributes:
        email: this or `phone`, not both.
        language: of our messages.
        speaks: languages in which they do assignments; empty for `language` alone.
        themes: what they can speak of or know from within, such as `breast cancer`.
        avoids: what they do not want to speak about or meet; nobody offers them that.
        reach: how far they travel.
    """

    name: Line
    email: Email = ""
    phone: Annotated[str, Field(max_length=254)] = ""
    language: Literal["sv", "da", "en"] = "sv"
    roles: Roles
    municipality: Line
    speaks: Annotated[list[Code], Field(max_length=MOST_TOPICS)] = []
    themes: Topics = []
    avoids: Topics = []
    reach: Reach = Reach.AREA

    def key(self) -> str:
        """What makes two forms the same person's.

        Raises:
            DomainError: the contact is missing or no contact.
        """
        return same_person_key(self.name, read_contact(self.email, self.phone))

    @property
    def spoken(self) -> tuple[str, ...]:
        """Languages in which they do assignments, each once."""
        return tuple(dict.fromkeys(self.speaks or [self.language]))


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


class Completed(BaseModel):
    """A training that somebody has completed; `training` is its code in the catalogue."""

    training: Annotated[str, Field(max_length=40)]
    completed_on: date


class Enrolment(Person):
    """Somebody whom staff enrol, with what they bring.

    Attributes:
        agreement_signed_on: when they signed the confidentiality agreement on paper; None if they have not.
        trainings: what they have completed already.
    """

    agreement_signed_on: date | None = None
    trainings: Annotated[list[Completed], Field(max_length=50)] = []


async def linked_volunteer(at: Reading, settings: Settings, token: str, now: datetime) -> Volunteer:
    """The volunteer whose page a mailed link opens.

    Raises:
        Gone: the link is forged or has expired, or the volunteer has left.
    """
    try:
        volunteer = await store.volunteer(at, read_link(settings, LINK_PURPOSE, token, now))
    except VolunteerNotFound:
        raise Gone("This link does not work any more") from None
    if volunteer.status is not VolunteerStatus.ENROLLED:
        raise Gone("This link does not work any more")
    return volunteer


async def apply(tx: Transaction, person: Person, volunteer_id: str, rules: Rules) -> None:
    """Store an application. A second one of the same person changes nothing and is not told apart.

    Raises:
        DomainError: the contact is missing or no contact.
    """
    if await store.volunteer_like(tx, person.key()) is None:
        known = await store.municipalities_of_programmes(tx)
        await store.add_volunteer(tx, _applied(person, volunteer_id, rules, tx.now, known))


async def enrol(
    tx: Transaction,
    enrolment: Enrolment,
    volunteer_id: str,
    rules: Rules,
    staff: Staff,
    known: Collection[str] | None = None,
) -> Volunteer:
    """Enrol somebody at once, and announce what they do and how to reach them.

    Args:
        known: as in `newly_enrolled`; read where None.

    Raises: as `newly_enrolled`.
    """
    known = await store.municipalities_of_programmes(tx) if known is None else known
    volunteer = await newly_enrolled(tx, enrolment, volunteer_id, rules, staff, tx.now, known)
    await store.add_volunteer(tx, volunteer)
    announce(tx, None, volunteer)
    return volunteer


async def newly_enrolled(
    at: Reading,
    enrolment: Enrolment,
    volunteer_id: str,
    rules: Rules,
    staff: Staff,
    now: datetime,
    known: Collection[str],
) -> Volunteer:
    """The volunteer that an enrolment would make now. Stores nothing.

    Args:
        known: municipalities as the programmes write them.

    Raises:
        Forbidden: the municipality is in another area, where staff would not see whom they enrolled.
        HasApplied, VolunteerIsKnown: the person has applied or is enrolled.
        TrainingNotFound, NotYetCompleted.
        DomainError: the contact is missing or no contact.
    """
    applied = _applied(enrolment, volunteer_id, rules, now, known)
    if not sees(staff, applied):
        raise Forbidden(
            "You enrol volunteers in these municipalities: {areas}", field="municipality", areas=", ".join(staff.areas)
        )
    like = await store.volunteer_like(at, enrolment.key())
    if like is not None:
        if like.status is VolunteerStatus.APPLIED:
            raise HasApplied("This person has applied. Confirm the application instead")
        raise VolunteerIsKnown("This person is in the list already")
    today = rules.day(now)
    volunteer = enrolled(applied, now, today)
    if enrolment.agreement_signed_on:
        volunteer = signed_on_paper(volunteer, enrolment.agreement_signed_on, today)
    for done in enrolment.trainings:
        record = completed_training(await store.training(at, done.training), done.completed_on, today)
        volunteer = with_training(volunteer, done.training, record)
    return volunteer


async def confirm_application(tx: Transaction, volunteer_id: str, staff: Staff, rules: Rules) -> Volunteer:
    """Enrol somebody who applied, and announce it. Confirming again changes nothing.

    Raises:
        VolunteerNotFound, Forbidden, HasLeft.
    """
    before = await store.volunteer(tx, volunteer_id)
    may_see(staff, before)
    return await save_volunteer(tx, before, enrolled(before, tx.now, rules.day(tx.now)))


async def turn_down(tx: Transaction, volunteer_id: str, staff: Staff) -> None:
    """Delete an application of which nothing comes.

    Raises:
        VolunteerNotFound, Forbidden, AlreadyEnrolled.
    """
    volunteer = await store.volunteer(tx, volunteer_id)
    may_see(staff, volunteer)
    check_application(volunteer)
    await store.drop_volunteer(tx, volunteer_id)


async def correct(
    tx: Transaction, volunteer_id: str, person: Person, rules: Rules, staff: Staff | None = None
) -> Volunteer:
    """Write down how somebody is called and reached now, what they do and what they wish.

    What they add themselves waits until staff confirm it; what staff write stands at once.

    Args:
        staff: who corrects it, unless it is the volunteer.

    Raises:
        VolunteerNotFound, Forbidden, HasLeft, VolunteerIsKnown.
        DomainError: the contact is missing or no contact.
    """
    before = await store.volunteer(tx, volunteer_id)
    wished: Sequence[VolunteerRole] = ()
    if staff is None:
        roles, wished = own_choice(before, person.roles)
    else:
        may_see(staff, before)
        roles = roles_since(before.roles, person.roles, rules.day(tx.now))
    after = changed(
        before,
        name=person.name,
        contact=read_contact(person.email, person.phone),
        language=person.language,
        roles=roles,
        wished_roles=wished,
        municipality=await written_here(tx, person.municipality),
        speaks=person.spoken,
        themes=tuple(person.themes),
        avoids=tuple(person.avoids),
        reach=person.reach,
    )
    return await save_volunteer(tx, before, after)


async def leave(tx: Transaction, volunteer_id: str, rules: Rules, staff: Staff | None = None) -> Volunteer:
    """Erase who a volunteer was, and keep what was done; of an application nothing is kept.

    What was accepted and has been stays, so that it can still be told how it went.

    Args:
        staff: who was told, unless it is the volunteer who leaves.

    Raises:
        VolunteerNotFound, Forbidden, HasLeft.
    """
    before = await store.volunteer(tx, volunteer_id)
    if staff is not None:
        may_see(staff, before)
    if before.status is VolunteerStatus.APPLIED:
        await store.drop_volunteer(tx, volunteer_id)
        return before
    after = await save_volunteer(tx, before, left(before, tx.now, rules.day(tx.now)))
    for one in await store.assignments_of(tx, volunteer_id):
        # As it is by now: the offer of a swap ends with the shift that was to be given.
        assignment = await store.assignment(tx, one.assignment_id)
        if assignment.status in OPEN:
            rest = ended(assignment, begun(assignment.task, tx.now))
            if rest is not assignment:
                await searching.follow(tx, await save(tx, rest), rules)
    return after


async def save_volunteer(tx: Transaction, before: Volunteer, after: Volunteer) -> Volunteer:
    """Store and announce what has changed; nothing where nothing has.

    Raises:
        Conflict: somebody else changed it in between.
    """
    if after is not before:
        await store.save_volunteer(tx, after)
        announce(tx, before, after)
    return after


def announce(tx: Transaction, before: Volunteer | None, after: Volunteer) -> None:
    """Publish what has changed of an enrolled volunteer; nothing of somebody who has only applied.

    Args:
        before: None of a new one.
    """
    if after.enrolled_on is None:
        return
    was = before if before is not None and before.enrolled_on else None
    if was is None or publishes.volunteer_contact_changed(was) != publishes.volunteer_contact_changed(after):
        tx.publish_current(VolunteerContactChanged, after.volunteer_id, sequence=after.version)
    state = publishes.volunteer_changed(after)
    if was is None or publishes.volunteer_changed(was) != state:
        tx.publish(state, sequence=after.version)


def _applied(person: Person, volunteer_id: str, rules: Rules, now: datetime, known: Collection[str]) -> Volunteer:
    return Volunteer(
        volunteer_id=volunteer_id,
        name=person.name,
        contact=read_contact(person.email, person.phone),
        language=person.language,
        roles=dict.fromkeys(person.roles, rules.day(now)),
        municipality=as_known(person.municipality, known),
        status=VolunteerStatus.APPLIED,
        since=now,
        speaks=person.spoken,
        themes=tuple(person.themes),
        avoids=tuple(person.avoids),
        reach=person.reach,
    )
