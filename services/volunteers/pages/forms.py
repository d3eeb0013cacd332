"""The forms of the pages, and the words for roles."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, field_validator

from motesplats_events import VolunteerRole
from services.volunteers.use_cases.assignments import Offer, Work
from services.volunteers.use_cases.volunteers import Person, Roles
from shared.contact import read_contact
from shared.errors import DomainError
from shared.text import Email, Line
from shared.web import Says, Ticked, msg

ROLES = {
    VolunteerRole.HOST: (msg("Host"), msg("Opens the house, makes coffee, sees who is new")),
    VolunteerRole.PEER: (
        msg("Peer"),
        msg("Has been through something similar, and meets somebody who is in it"),
    ),
    VolunteerRole.LIVING_BOOK: (
        msg("Living book"),
        msg("Lends out a story of their own to staff or a class"),
    ),
    VolunteerRole.STORYTELLER: (msg("Storyteller"), msg("Tells in front of many")),
    VolunteerRole.PATIENT_SUPPORTER: (msg("Patient supporter"), msg("Keeps in touch with care units")),
    VolunteerRole.GROUP_LEADER: (msg("Group leader"), msg("Leads a conversation group, mostly two together")),
    VolunteerRole.LECTURER: (msg("Lecturer"), msg("Speaks on a subject they know well")),
}
"""What each role is called, and what it is."""


ADDRESS = TypeAdapter(Email)


class PersonForm(BaseModel):
    """Somebody who wants to do assignments; one field takes an address or a number."""

    name: Annotated[Line, Says(missing=msg("Write a name"))]
    contact: Annotated[
        str,
        Field(max_length=254),
        Says(missing=msg("Write an e-mail address or a mobile number, so that we can reach you")),
    ]
    language: Literal["sv", "da", "en"] = "sv"
    roles: Annotated[Roles, Says(missing=msg("Choose at least one"), wrong=msg("Choose at least one"))]
    municipality: Annotated[Line, Says(missing=msg("Write a municipality"))]

    @field_validator("contact")
    @classmethod
    def _can_be_reached(cls, value: str) -> str:
        try:
            if "@" in value:
                ADDRESS.validate_python(value)
            else:
                read_contact("", value)
        except ValidationError:
            raise ValueError(msg("Check the e-mail address; it should look like name@example.org")) from None
        except DomainError as error:
            raise ValueError(error.message) from None
        return value

    def person(self) -> Person:
        """The same as the use cases take it."""
        is_email = "@" in self.contact
        return Person(
            name=self.name,
            email=self.contact if is_email else "",
            phone="" if is_email else self.contact,
            language=self.language,
            roles=self.roles,
            municipality=self.municipality,
        )


class ApplicationForm(PersonForm):
    """The public form."""

    consent: Annotated[Ticked, Says(missing=msg("Tick the box when you have read how your details are used"))]


class AnswerForm(BaseModel):
    """The button that a volunteer pressed."""

    answer: Literal["accept", "decline", "give_up", "complete"]


class WorkForm(Work):
    """What came of an assignment."""

    hours: Annotated[
        float,
        Says(missing=msg("Write how many hours it took"), wrong=msg("Write the hours as a number, such as 2.5")),
        *Work.model_fields["hours"].metadata,
    ]
    people_met: Annotated[
        int,
        Says(
            missing=msg("Write how many people were met"),
            wrong=msg("Write how many people, as a whole number, 0 or more"),
        ),
        *Work.model_fields["people_met"].metadata,
    ]


class OfferForm(Offer):
    """An assignment to offer."""

    volunteer_id: Annotated[str, Says(missing=msg("Choose a volunteer"))]
    programme_id: Annotated[str, Says(missing=msg("Choose a programme"))]
    role: Annotated[VolunteerRole, Says(missing=msg("Choose what the volunteer is asked to do"))]
