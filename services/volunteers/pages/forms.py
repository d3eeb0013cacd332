"""The forms about volunteers and assignments."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from motesplats_events import VolunteerRole
from services.volunteers.domain.trainings import BASIC, MOST_MONTHS
from services.volunteers.domain.volunteers import Reach, Volunteer
from services.volunteers.use_cases.assignments import Offer, Work
from services.volunteers.use_cases.readiness import NewTraining
from services.volunteers.use_cases.volunteers import MOST_TOPICS, Code, Completed, Enrolment, Person, Roles
from shared.contact import read_contact
from shared.errors import DomainError
from shared.text import Email, Line
from shared.web import Says, Ticked, msg

ADDRESS = TypeAdapter(Email)


def _can_be_reached(value: str) -> str:
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


Reachable = Annotated[
    str,
    Field(max_length=254),
    AfterValidator(_can_be_reached),
    Says(missing=msg("Write an e-mail address or a mobile number, so that we can reach you")),
]
"""One field for an e-mail address or a mobile number."""


class PersonForm(BaseModel):
    """Somebody who wants to do assignments; one field takes an address or a number."""

    name: Annotated[Line, Says(missing=msg("Write a name"))]
    contact: Reachable
    language: Literal["sv", "da", "en"] = "sv"
    roles: Annotated[Roles, Says(missing=msg("Choose at least one"), wrong=msg("Choose at least one"))]
    municipality: Annotated[Line, Says(missing=msg("Write a municipality"))]

    def person(self) -> Person:
        """The same as the use cases take it."""
        return Person(**self.given())

    def given(self) -> dict[str, Any]:
        """The answers, with the one contact field as an address or a number."""
        is_email = "@" in self.contact
        return {
            "name": self.name,
            "email": self.contact if is_email else "",
            "phone": "" if is_email else self.contact,
            "language": self.language,
            "roles": self.roles,
            "municipality": self.municipality,
        }


def _lines(value: str) -> str:
    lines = [line.strip() for line in value.splitlines() if line.strip()]
    if len(lines) > MOST_TOPICS or any(len(line) > 120 for line in lines):
        raise ValueError(msg("Write at most 30 lines, each of at most 120 characters"))
    return "\n".join(lines)


Lines = Annotated[str, Field(max_length=4000), AfterValidator(_lines)]
"""Several short texts, one on each line."""


class DetailsForm(PersonForm):
    """All that is known of a volunteer, for them or the staff to put right."""

    speaks: Annotated[list[Code], Says(missing=msg("Choose at least one"), wrong=msg("Choose at least one"))]
    themes: Lines = ""
    avoids: Lines = ""
    reach: Reach = Reach.AREA

    def given(self) -> dict[str, Any]:
        """The answers, with a list for each field of several lines."""
        return {
            **super().given(),
            "speaks": self.speaks,
            "themes": self.themes.splitlines(),
            "avoids": self.avoids.splitlines(),
            "reach": self.reach,
        }


def details_of(volunteer: Volunteer) -> dict[str, object]:
    """What the form shows before anything is typed."""
    contact = volunteer.contact
    return {
        "name": volunteer.name,
        "contact": (contact.email or contact.phone or "") if contact else "",
        "language": volunteer.language,
        "roles": [role.value for role in volunteer.roles],
        "municipality": volunteer.municipality,
        "speaks": list(volunteer.speaks),
        "themes": "\n".join(volunteer.themes),
        "avoids": "\n".join(volunteer.avoids),
        "reach": volunteer.reach.value,
    }


class EnrolForm(PersonForm):
    """Somebody whom staff have talked with, and what they bring."""

    agreement_on: date | None = None
    basic_on: date | None = None

    def enrolment(self) -> Enrolment:
        """The same as the use case takes it."""
        basic = [Completed(training=BASIC.code, completed_on=self.basic_on)] if self.basic_on else []
        return Enrolment(**self.given(), agreement_signed_on=self.agreement_on, trainings=basic)


class ApplicationForm(PersonForm):
    """The public form."""

    consent: Annotated[Ticked, Says(missing=msg("Tick the box when you have read how your details are used"))]


class AnswerForm(BaseModel):
    """The button that a volunteer pressed."""

    answer: Literal["accept", "decline", "give_up", "complete"]


class SaidForm(BaseModel):
    """What a volunteer told staff about an offer."""

    answer: Literal["accept", "decline"]


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


class TrainedForm(BaseModel):
    """A training that a volunteer has completed."""

    training: Annotated[str, Field(max_length=40), Says(missing=msg("Choose a training"))]
    completed_on: Annotated[date, Says(missing=msg("Write when it was completed"))]


class PaperForm(BaseModel):
    """When a volunteer signed the confidentiality agreement on paper."""

    signed_on: Annotated[date, Says(missing=msg("Write when it was signed"))]


class PauseForm(BaseModel):
    """A pause; without a last day, until further notice."""

    starts_on: Annotated[date, Says(missing=msg("Write the first day of the pause"))]
    until: date | None = None


class SignForm(BaseModel):
    """The volunteer has read the agreement and signs it."""

    version: str = ""
    promise: Annotated[Ticked, Says(missing=msg("Tick the box when you have read the agreement and mean to keep it"))]


class LeaveForm(BaseModel):
    """Somebody is sure."""

    sure: Annotated[Ticked, Says(missing=msg("Tick the box if you are sure"))]


class TrainingForm(NewTraining):
    """A training for the catalogue."""

    code: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$"),
        Says(
            missing=msg("Write a short code, such as peer-2025"),
            wrong=msg("Write the code with small letters from a to z, digits and hyphens"),
        ),
    ]
    title: Annotated[Line, Says(missing=msg("Write what the training is called"))]
    months: Annotated[
        int | None,
        Field(ge=1, le=MOST_MONTHS),
        Says(wrong=msg("Write the months as a whole number, or leave it empty")),
    ] = None
