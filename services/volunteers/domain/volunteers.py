"""Volunteers: who they are to us, what they do, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from motesplats_events import VolunteerRole
from shared.contact import Contact
from shared.errors import Conflict, NotFound


class VolunteerStatus(StrEnum):
    """How far somebody is on the way to be asked."""

    APPLIED = "applied"
    ENROLLED = "enrolled"


class VolunteerNotFound(NotFound):
    """No volunteer has this id."""


class VolunteerIsKnown(Conflict):
    """The same person has applied or is enrolled."""

    code = "volunteer-is-known"


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody who wants to do assignments.

    Attributes:
        roles: what they do, at least one, and since when each.
        municipality: where they live or want to be asked.
        since: when they applied or were enrolled.
        enrolled_on: their first day; None while they have only applied.
        version: rises with every change; also numbers what is published about them.
    """

    volunteer_id: str
    name: str
    contact: Contact
    language: str
    roles: Mapping[VolunteerRole, date]
    municipality: str
    status: VolunteerStatus
    since: datetime
    enrolled_on: date | None = None
    version: int = 1


def enrolled(volunteer: Volunteer, now: datetime, today: date) -> Volunteer:
    """The volunteer after staff confirmed the application; the same if they are enrolled already.

    Args:
        today: the date of `now` where the platform is.
    """
    if volunteer.status is VolunteerStatus.ENROLLED:
        return volunteer
    return replace(
        volunteer,
        status=VolunteerStatus.ENROLLED,
        since=now,
        enrolled_on=today,
        roles=dict.fromkeys(volunteer.roles, today),
        version=volunteer.version + 1,
    )
