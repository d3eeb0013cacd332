"""A person as this service knows them: one identity, however many registrations."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from services.registration.domain.programmes import NEVER
from shared.contact import Contact, same_person_key
from shared.errors import Conflict, Gone, NotFound

LOOK_AGAIN = timedelta(days=30)
SHORTEST_SEARCH = 2


class PersonNotFound(NotFound):
    """No person has this id."""


class Forgotten(Gone):
    """The person has been forgotten; the link led to their page."""

    code = "forgotten"


class DetailsAreTaken(Conflict):
    """Another registration has this name and contact. Two people are never made one without somebody looking."""

    code = "details-are-taken"


class LifeEvent(StrEnum):
    """What stops messages."""

    PAUSED = "paused"
    """The person wants none for now."""
    BEREAVED = "bereaved"
    """There has been a death: of the person, or of somebody close."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has registered. Neither the id nor anything else of this leaves the service but to be reached.

    Attributes:
        name: empty of somebody who was forgotten.
        since: when they first registered or wished for something.
        life_event: while there is one, nothing is sent.
        protected: the identity is protected: never listed, never published, not even to be reached.
        unproven: the contact was changed by a personal link, and nobody has seen that it is theirs.
        version: rises with every change.
    """

    person_id: str
    name: str
    contact: Contact
    since: datetime
    life_event: LifeEvent | None = None
    protected: bool = False
    unproven: bool = False
    version: int = 1

    @property
    def key(self) -> str:
        """What makes two forms the same person's. While the contact is unproven no form is: it may be another's."""
        return f"unproven {self.person_id}" if self.unproven else same_person_key(self.name, self.contact)

    @property
    def can_be_asked(self) -> bool:
        """Whether a place is theirs when it is their turn: not while messages are stopped, nor when forgotten."""
        return bool(self.name) and self.life_event is None

    @property
    def listed(self) -> bool:
        """Whether the name may stand in a list."""
        return bool(self.name) and not self.protected


def nobody(person_id: str) -> Person:
    """Whom a registration belongs to when the person has been forgotten."""
    return Person(person_id, "", Contact(None, None), NEVER)


def corrected(person: Person, name: str, contact: Contact, *, own: bool) -> Person:
    """The person after their details were put right; the same when nothing changes.

    Args:
        own: by the person, and not by staff who have spoken with them.
    """
    unproven = own and (person.unproven or contact != person.contact)
    if (person.name, person.contact, person.unproven) == (name, contact, unproven):
        return person
    return replace(person, name=name, contact=contact, unproven=unproven, version=person.version + 1)


def with_life_event(person: Person, event: LifeEvent | None) -> Person:
    """The person after messages were stopped, or with None are sent again; the same when nothing changes."""
    if person.life_event is event:
        return person
    return replace(person, life_event=event, version=person.version + 1)


def with_protection(person: Person, protected: bool) -> Person:
    """The person after their identity was protected, or is not any more; the same when nothing changes."""
    if person.protected is protected:
        return person
    return replace(person, protected=protected, version=person.version + 1)


def words_of(person: Person) -> Sequence[str]:
    """By what somebody is found: the words of the name, and the contact. A protected identity is not found."""
    if not person.listed:
        return []
    return sorted({*_words(person.name), *_words(person.contact.line)})


def searched(typed: str) -> Sequence[str]:
    """How the words begin that a search asks for; empty when it asks for too little."""
    number = re.sub(r"[\s().\-/]", "", typed.replace("(0)", ""))
    if re.fullmatch(r"\+?\d{4,}", number):
        return ["+" + re.sub(r"^0(?!0)", "46", number.removeprefix("+")).removeprefix("00")]
    return [word for word in _words(typed) if len(word) >= SHORTEST_SEARCH]


def _words(text: str) -> list[str]:
    return [w for w in re.split(r"[\s,]+", unicodedata.normalize("NFKC", text).casefold()) if w]


def kept_until(person: Person, ends: Iterable[datetime], months: int) -> datetime:
    """Until when a person is kept: so many months after the last of their registrations ended.

    Args:
        ends: when each registration ended or will end; `NEVER` where there is no end.
    """
    last = max([person.since, *ends])
    return NEVER if last == NEVER else last + relativedelta(months=months)


class Deed(StrEnum):
    """What was done with a person's details."""

    SHOWN = "shown"
    CORRECTED = "corrected"
    PAUSED = "paused"
    BEREAVED = "bereaved"
    TAKEN_BACK = "taken_back"
    PROTECTED = "protected"
    UNPROTECTED = "unprotected"
    FORGOTTEN = "forgotten"
    WISH_WITHDRAWN = "wish_withdrawn"


@dataclass(frozen=True, slots=True)
class Note:
    """Who did what with a person's details, and when.

    Attributes:
        by: the member of staff; `OWN` when the person did it, `TIME` when the service did.
        unit: for whom they work.
        why: as they wrote it; emptied when the person is forgotten.
        places: organiser and municipality of the programmes that the person was registered for.
    """

    note_id: str
    person_id: str
    at: datetime
    deed: Deed
    by: str
    unit: str = ""
    why: str = ""
    places: Sequence[tuple[str, str]] = ()


OWN = "own"
TIME = "time"
