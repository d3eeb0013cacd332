"""The form for a contact with a unit, as staff and patient supporters fill it in."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel

from services.volunteers.use_cases.contacts import NewContact
from shared.text import Line
from shared.web import Says, msg


class ContactForm(BaseModel):
    """A contact with a unit.

    Attributes:
        contact_id: made with the form, so that sending it twice notes it once.
        organiser: for whom; chosen where there are several.
    """

    contact_id: UUID
    organiser: Annotated[Line, Says(missing=msg("Choose for whom"))]
    unit: Annotated[Line, Says(missing=msg("Write the name of the unit"))]
    municipality: Annotated[Line, Says(missing=msg("Write a municipality"))]
    contacted_on: Annotated[date, Says(missing=msg("Write the day of the contact"))]
    about: Annotated[Line, Says(missing=msg("Write in a few words what it was about"))]

    def contact(self) -> NewContact:
        """The same as the use case takes it."""
        return NewContact(**{name: getattr(self, name) for name in NewContact.model_fields})
