"""How to reach a person, brought to one form, and what makes two forms the same person's."""

import re
import unicodedata
from dataclasses import dataclass

from shared.errors import DomainError


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach somebody.

    Attributes:
        email: exactly one of `email` and `phone` is given.
        phone: in international form, such as `+46701234567`.
    """

    email: str | None
    phone: str | None


def read_contact(email: str, phone: str) -> Contact:
    """Bring an address or number to one form.

    Raises:
        DomainError: both or neither are given, or the number is none.
    """
    email = unicodedata.normalize("NFKC", email).strip().casefold()
    if email and phone.strip():
        raise DomainError("Write either an e-mail address or a mobile number", field="email")
    if email:
        return Contact(email, None)
    if phone.strip():
        return Contact(None, _international(phone))
    raise DomainError("Write an e-mail address or a mobile number, so that we can reach you", field="email")


def same_person_key(name: str, contact: Contact) -> str:
    """The name and the contact, however they were typed. An address alone is no person: couples share one."""
    folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return f"{folded}|{contact.email or contact.phone}"


def _international(phone: str) -> str:
    # Many write +46 (0)70: the 0 is for calls within the country.
    digits = re.sub(r"[\s().\-/]", "", phone.replace("(0)", ""))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0"):
        digits = "+46" + digits[1:]
    digits = re.sub(r"^\+460", "+46", digits)
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
        raise DomainError("Write the number with digits only, such as 070 123 45 67 or +45 12 34 56 78", field="phone")
    return digits
