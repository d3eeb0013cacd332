"""The contact log of patient supporters: which units they were in contact with. Never about a patient."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from motesplats_events import VolunteerRole
from services.volunteers.domain.volunteers import Volunteer
from shared.errors import Conflict, DomainError, Gone, NotFound

LONGEST_AGO = timedelta(days=400)


class ContactNotFound(NotFound):
    """Nothing with this id is in the log."""


class NoPatientSupporter(DomainError):
    """Only patient supporters keep this log."""

    code = "no-patient-supporter"


class ContactOutOfTime(DomainError):
    """A contact is noted after it was made, and within about a year."""

    code = "contact-out-of-time"


class ContactIsAnothers(Conflict):
    """The id that came with the form belongs to another contact."""

    code = "contact-is-anothers"


class TooLateToUndo(Gone):
    """The day on which it was noted has passed."""

    code = "too-late-to-undo"


@dataclass(frozen=True, slots=True)
class Unit:
    """A clinic, ward, care centre or the like.

    Attributes:
        name: as it was first written.
    """

    name: str
    municipality: str

    @property
    def key(self) -> str:
        """The same for all ways to write it: capitals, spaces, dots and dashes aside."""
        return f"{_folded(self.name)}|{_folded(self.municipality)}"


@dataclass(frozen=True, slots=True)
class ContactMade:
    """One contact of one patient supporter with one unit.

    Attributes:
        about: a line on what it was about.
        contacted_on: the day of the contact.
        noted_at: when it was written down.
        new: nobody had been in contact with the unit when it was written down.
        undone: taken back, as if it had never been written.
        version: rises with every change.
    """

    contact_id: str
    volunteer_id: str
    organiser: str
    unit: Unit
    contacted_on: date
    about: str
    noted_at: datetime
    new: bool
    undone: bool = False
    version: int = 1

    @property
    def municipality(self) -> str:
        """Where the unit is, as `may` asks."""
        return self.unit.municipality

    def can_be_undone(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether it still is the day on which it was noted, where the platform is."""
        return not self.undone and self.noted_at.astimezone(zone).date() == now.astimezone(zone).date()


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def noted(
    contact_id: str,
    volunteer: Volunteer,
    organiser: str,
    unit: Unit,
    contacted_on: date,
    about: str,
    earlier: Collection[ContactMade],
    now: datetime,
    zone: ZoneInfo,
) -> ContactMade:
    """A contact as it is written down.

    Args:
        earlier: all contacts with the unit so far.

    Raises:
        NoPatientSupporter, ContactOutOfTime.
    """
    if VolunteerRole.PATIENT_SUPPORTER not in volunteer.roles:
        raise NoPatientSupporter("This volunteer is no patient supporter", field="volunteer_id")
    today = now.astimezone(zone).date()
    if contacted_on > today:
        raise ContactOutOfTime("Note a contact when it has been made", field="contacted_on")
    if contacted_on < today - LONGEST_AGO:
        raise ContactOutOfTime("This is more than a year ago. Check the date", field="contacted_on")
    return ContactMade(
        contact_id=contact_id,
        volunteer_id=volunteer.volunteer_id,
        organiser=organiser,
        unit=unit,
        contacted_on=contacted_on,
        about=about,
        noted_at=now,
        new=all(other.undone for other in earlier),
    )


def undone(contact: ContactMade, now: datetime, zone: ZoneInfo) -> ContactMade:
    """The contact after it was taken back.

    Raises:
        TooLateToUndo.
    """
    if contact.undone:
        return contact
    if not contact.can_be_undone(now, zone):
        raise TooLateToUndo("A contact can be taken back on the day on which it was noted. Talk with the coordinator")
    return replace(contact, undone=True, new=False, version=contact.version + 1)


def first_instead(others: Collection[ContactMade]) -> ContactMade | None:
    """Which contact is the unit's first when the one that was has been taken back; None when none is left."""
    left = [other for other in others if not other.undone]
    if not left or any(other.new for other in left):
        return None
    first = min(left, key=lambda other: (other.noted_at, other.contact_id))
    return replace(first, new=True, version=first.version + 1)
