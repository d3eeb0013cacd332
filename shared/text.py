"""Text that people type: trimmed, bounded, and without the characters that break a line or turn its direction."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints, validate_email
from pydantic_core import PydanticCustomError

from shared.errors import DomainError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
_DIRECTION = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def one_line(text: str) -> str:
    """The text on one line: line breaks and control characters become spaces."""
    return " ".join(_DIRECTION.sub("", _CONTROL.sub(" ", text)).split())


def word(text: str) -> str:
    """A header or a cell of a table as it is compared with what may stand there."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(":*")


def several_lines(text: str) -> str:
    """The text with its line breaks, and without other control characters."""
    lines = _DIRECTION.sub("", _CONTROL_BUT_LINES.sub(" ", text.replace("\r\n", "\n"))).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def _some_line(text: str) -> str:
    line = one_line(text)
    if not line:
        raise PydanticCustomError("string_too_short", "String should have at least 1 character", {"min_length": 1})
    return line


LONGEST_LINE = 120
Line = Annotated[str, StringConstraints(max_length=LONGEST_LINE), AfterValidator(_some_line)]
"""A name or title: 1 to 120 characters."""

Paragraph = Annotated[str, StringConstraints(max_length=2000), AfterValidator(several_lines)]
"""Free text: up to 2,000 characters."""


def _email(text: str) -> str:
    if text:
        try:
            _, address = validate_email(text)
        except PydanticCustomError:
            address = ""
        # Something like "Name <address>" is read as an address too, but is none.
        if address.casefold() != text.casefold():
            raise DomainError("Check the e-mail address; it should look like name@example.org", field="email")
    return text


Email = Annotated[str, StringConstraints(max_length=254, strip_whitespace=True), AfterValidator(_email)]
"""An e-mail address, or nothing."""
