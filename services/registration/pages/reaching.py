"""One field for an e-mail address or a mobile number, and a letter for who has neither."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from shared.errors import DomainError
from shared.web import msg


def _some_way(contact: str, info: ValidationInfo) -> str:
    if not contact and not info.data.get("address"):
        raise ValueError(msg("Write an e-mail address or a mobile number, so that we can reach you"))
    return contact


Contact = Annotated[str, Field(max_length=254, validate_default=True), AfterValidator(_some_way)]
"""The one field; it may be empty where the field `address` before it is filled in."""


def email_or_phone(contact: str) -> dict[str, str]:
    """What was typed in the one field, as the use cases take it."""
    return {"email": contact} if "@" in contact else {"phone": contact}


def on_the_one_field(error: DomainError) -> DomainError:
    """What a rule said about the address or the number, said about the field that stands for both."""
    if error.field in {"email", "phone"}:
        error.field = "contact"
    return error
