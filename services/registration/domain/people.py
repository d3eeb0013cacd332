"""A person as this service knows them: one identity, however many registrations."""

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.contact import Contact, same_person_key
from shared.errors import NotFound


class PersonNotFound(NotFound):
    """No person has this id."""


class LifeEvent(StrEnum):
    """What stops messages."""

    PAUSED = "paused"
    BEREAVED = "bereaved"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has registered. Neither the id nor anything else of this leaves the service but to be reached.

    Attributes:
        life_event: while there is one, nothing is sent.
        protected: the identity is protected: never listed, never published, not even to be reached.
        version: rises with every change.
    """

    person_id: str
    name: str
    contact: Contact
    life_event: LifeEvent | None = None
    protected: bool = False
    version: int = 1

    @property
    def key(self) -> str:
        """What makes two forms the same person's."""
        return same_person_key(self.name, self.contact)


def corrected(person: Person, name: str, contact: Contact) -> Person:
    """The person after their details were put right; the same when nothing changes."""
    if (person.name, person.contact) == (name, contact):
        return person
    return replace(person, name=name, contact=contact, version=person.version + 1)
