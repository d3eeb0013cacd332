"""The form by which a unit asks for somebody."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from motesplats_events import Format, VolunteerRole
from services.volunteers.domain.requests import LONGEST_MINUTES, MOST_WANTED, Request, UnitKind
from services.volunteers.pages.forms import Reachable
from services.volunteers.use_cases.requests import Wish
from services.volunteers.use_cases.volunteers import Code
from shared.text import Line, Paragraph
from shared.web import Says, Ticked, msg


class RequestForm(BaseModel):
    """What a unit asks for; one field takes an address or a number."""

    role: Annotated[VolunteerRole, Says(missing=msg("Choose whom you ask for"))]
    theme: Annotated[Line, Says(missing=msg("Write what it is about"))]
    audience: Line | Literal[""] = ""
    wanted: Annotated[
        int,
        Field(ge=1, le=MOST_WANTED),
        Says(missing=msg("Write how many you ask for"), wrong=msg("Write how many, as a whole number from 1 to 20")),
    ] = 1
    language: Code = "sv"
    at: Annotated[
        AwareDatetime | None,
        Says(wrong=msg("Give both a date and a time, or leave both empty if that is agreed later")),
    ] = None
    minutes: Annotated[
        int,
        Field(ge=5, le=LONGEST_MINUTES),
        Says(wrong=msg("Write the minutes as a whole number, such as 60")),
    ] = 60
    format: Annotated[Format, Says(missing=msg("Choose where you meet"))]
    place: Line | Literal[""] = ""
    municipality: Annotated[Line, Says(missing=msg("Write a municipality"))]
    unit: Annotated[Line, Says(missing=msg("Write the name of the unit"))]
    unit_kind: Annotated[UnitKind, Says(missing=msg("Choose what sort of unit you are"))]
    organiser: Annotated[Line, Says(missing=msg("Choose whom you turn to"))]
    contact_name: Annotated[Line, Says(missing=msg("Write a name"))]
    contact: Reachable
    note: Paragraph = ""

    def wish(self) -> Wish:
        """The same as the use case takes it."""
        is_email = "@" in self.contact
        return Wish(
            **self.model_dump(exclude={"contact", "consent"}),
            email=self.contact if is_email else "",
            phone="" if is_email else self.contact,
        )


class AskForm(RequestForm):
    """The public form."""

    consent: Annotated[Ticked, Says(missing=msg("Tick the box when you have read how your details are used"))]


def request_shown(request: Request) -> dict[str, Any]:
    """What the form shows before anything is typed anew."""
    return {
        "role": request.role.value,
        "theme": request.theme,
        "audience": request.audience,
        "wanted": request.wanted,
        "language": request.language,
        "at": request.at,
        "minutes": request.minutes,
        "format": request.format.value,
        "place": request.place,
        "note": request.note,
        "unit": request.unit,
        "unit_kind": request.unit_kind.value,
        "organiser": request.organiser,
        "municipality": request.municipality,
        "contact_name": request.contact_name,
        "contact": request.contact.email or request.contact.phone or "",
    }
