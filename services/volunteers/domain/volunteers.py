"""Volunteers: who they are to us, what they do and since when, and what they have asked of us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from motesplats_events import VolunteerRole
from services.volunteers.domain.trainings import NotYetCompleted, Trained
from shared.contact import Contact
from shared.errors import Conflict, DomainError, Gone, NotFound

AGREEMENT_VERSION = "2025-1"
"""Of the confidentiality agreement's text on the page; a changed text is a new version."""


class VolunteerStatus(StrEnum):
    """How far somebody is on the way to be asked."""

    APPLIED = "applied"
    ENROLLED = "enrolled"
    LEFT = "left"


class Reach(StrEnum):
    """How far a volunteer travels."""

    MUNICIPALITY = "municipality"
    AREA = "area"
    ANYWHERE = "anywhere"


class VolunteerNotFound(NotFound):
    """No volunteer has this id."""


class VolunteerIsKnown(Conflict):
    """The same person has applied or is enrolled."""

    code = "volunteer-is-known"


class HasApplied(VolunteerIsKnown):
    """The same person has applied, and nobody has answered yet."""


class HasLeft(Gone):
    """Somebody who has left is asked nothing, and nothing about them is changed."""

    code = "has-left"


class AlreadyEnrolled(Conflict):
    """Only an application can be turned down."""

    code = "already-enrolled"


class AlreadySigned(Conflict):
    """This version of the agreement was signed before."""

    code = "already-signed"


class TextHasChanged(Conflict):
    """What somebody wants to sign is not the text that is shown now."""

    code = "text-has-changed"


class PauseIsOver(DomainError):
    """A pause that ends before it begins, or before today, is none."""

    code = "pause-is-over"


@dataclass(frozen=True, slots=True)
class Agreement:
    """The confidentiality agreement that a volunteer signed.

    Attributes:
        version: of the text on the page; empty where it was signed on paper.
    """

    signed_on: date
    version: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which a volunteer is offered nothing.

    Attributes:
        until: the last day; None until further notice.
    """

    starts_on: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether a day lies in the pause."""
        return self.starts_on <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody who wants to do assignments.

    Attributes:
        name: empty of somebody who has left.
        contact: None of somebody who has left.
        language: of our messages.
        roles: what they do, at least one, and since when each.
        wished_roles: what they would like to do besides, and staff have not confirmed: nobody asks them for it yet.
        municipality: where they live or want to be asked.
        since: when they applied, were enrolled or left.
        enrolled_on: their first day; None while they have only applied.
        left_on: their last day; None while they are here.
        speaks: languages, ISO 639.
        themes: what they can speak of or know from within.
        avoids: what they do not want to speak about or meet.
        reach: how far they travel.
        trainings: what they have completed, by the code of the catalogue.
        agreement: None as long as none was signed.
        version: rises with every change; also numbers what is published about them.
    """

    volunteer_id: str
    name: str
    contact: Contact | None
    language: str
    roles: Mapping[VolunteerRole, date]
    municipality: str
    status: VolunteerStatus
    since: datetime
    enrolled_on: date | None = None
    left_on: date | None = None
    speaks: Sequence[str] = ()
    themes: Sequence[str] = ()
    avoids: Sequence[str] = ()
    reach: Reach = Reach.AREA
    trainings: Mapping[str, Trained] = field(default_factory=dict)
    agreement: Agreement | None = None
    pause: Pause | None = None
    wished_roles: Sequence[VolunteerRole] = ()
    version: int = 1

    def paused(self, day: date) -> bool:
        """Whether they are offered nothing on a day."""
        return self.pause is not None and self.pause.covers(day)


def changed(volunteer: Volunteer, **fields: object) -> Volunteer:
    """The volunteer with other fields, one version on; the same where nothing is different.

    Raises:
        HasLeft: nothing is left to change.
    """
    if volunteer.status is VolunteerStatus.LEFT:
        raise HasLeft("This volunteer has left")
    after = replace(volunteer, **fields)  # type: ignore[arg-type]
    return volunteer if after == volunteer else replace(after, version=volunteer.version + 1)


def enrolled(volunteer: Volunteer, now: datetime, today: date) -> Volunteer:
    """The volunteer after staff confirmed the application; the same if they are enrolled already.

    Args:
        today: the date of `now` where the platform is.
    """
    if volunteer.status is VolunteerStatus.ENROLLED:
        return volunteer
    roles = dict.fromkeys(volunteer.roles, today)
    return changed(volunteer, status=VolunteerStatus.ENROLLED, since=now, enrolled_on=today, roles=roles)


def check_application(volunteer: Volunteer) -> None:
    """Whether this is an application that can be turned down.

    Raises:
        AlreadyEnrolled: it has been confirmed.
    """
    if volunteer.status is not VolunteerStatus.APPLIED:
        raise AlreadyEnrolled("The application has been confirmed. A volunteer leaves instead")


def roles_since(
    before: Mapping[VolunteerRole, date], roles: Sequence[VolunteerRole], today: date
) -> Mapping[VolunteerRole, date]:
    """What somebody does after a change: a role that they had keeps its date, a new one begins today."""
    return {role: before.get(role, today) for role in roles}


def own_choice(
    volunteer: Volunteer, roles: Sequence[VolunteerRole]
) -> tuple[Mapping[VolunteerRole, date], Sequence[VolunteerRole]]:
    """What somebody does, and what they wish to do besides, after they chose by themselves: staff confirm what is new.

    Raises:
        DomainError: nothing is left of what they do.
    """
    kept = {role: since for role, since in volunteer.roles.items() if role in roles}
    if not kept:
        raise DomainError("Keep at least one of what you do. The coordinator confirms what is new", field="roles")
    return kept, tuple(role for role in roles if role not in kept)


def signed(volunteer: Volunteer, version: str, today: date) -> Volunteer:
    """The volunteer after they signed the agreement on their page.

    Raises:
        TextHasChanged, AlreadySigned, HasLeft.
    """
    if version != AGREEMENT_VERSION:
        raise TextHasChanged("The text has been changed since you opened the page. Read it again")
    if volunteer.agreement and volunteer.agreement.version == version:
        raise AlreadySigned("You have signed this already")
    return changed(volunteer, agreement=Agreement(today, version))


def signed_on_paper(volunteer: Volunteer, on: date, today: date) -> Volunteer:
    """The volunteer after staff noted a signature on paper.

    Raises:
        NotYetCompleted: the day is still to come.
        HasLeft.
    """
    if on > today:
        raise NotYetCompleted("Write a date that has been", field="signed_on")
    return changed(volunteer, agreement=Agreement(on))


def with_training(volunteer: Volunteer, code: str, record: Trained | None) -> Volunteer:
    """The volunteer with a training, or without it where None is given.

    Raises:
        HasLeft.
    """
    others = {known: trained for known, trained in volunteer.trainings.items() if known != code}
    return changed(volunteer, trainings=others if record is None else {**others, code: record})


def paused(volunteer: Volunteer, starts_on: date, until: date | None, today: date) -> Volunteer:
    """The volunteer after they asked for a pause; it takes the place of an earlier one.

    Raises:
        PauseIsOver, HasLeft.
    """
    if until is not None and until < max(starts_on, today):
        raise PauseIsOver("The last day lies before the first, or has been", field="until")
    return changed(volunteer, pause=Pause(starts_on, until))


def left(volunteer: Volunteer, now: datetime, today: date) -> Volunteer:
    """What is kept of somebody who leaves: the id, what they did and were trained for, and when; never who.

    Raises:
        HasLeft: they left before.
    """
    return changed(
        volunteer,
        name="",
        contact=None,
        status=VolunteerStatus.LEFT,
        since=now,
        left_on=today,
        wished_roles=(),
        speaks=(),
        themes=(),
        avoids=(),
        agreement=None,
        pause=None,
    )
