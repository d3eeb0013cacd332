"""How to reach a person, brought to one form, and what makes two forms the same person's."""

import re
import unicodedata
from dataclasses import dataclass

from shared.errors import DomainError
from shared.text import one_line

MOST_LINES = 6
LONGEST_LINE = 80

MOBILE = re.compile(
    r"""\+(?: 46 7[023689] \d{7}                              # Sweden
          | 45 (?: [2-7]\d | 8[126-9] | 9[1-9] ) \d{6}       # Denmark: one series for mobiles and lines to a house
          | 47 [49] \d{7}                                     # Norway
          | 358 (?: 4[0-8] | 50 ) \d{4,8}                     # Finland
          | 354 (?: 6\d | 7[5-9] | 8[2-9] ) \d{5} )          # Iceland
    """,
    re.VERBOSE,
)
"""The series that the Nordic numbering plans give to mobiles. The form is open to all: what costs more is in none."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach somebody.

    Attributes:
        email: exactly one of `email`, `phone` and `address` is given.
        phone: in international form, such as `+46701234567`.
        address: postal, with line breaks.
    """

    email: str | None
    phone: str | None
    address: str | None = None

    @property
    def line(self) -> str:
        """The one that is given, on one line."""
        return self.email or self.phone or ", ".join((self.address or "").splitlines())

    @property
    def takes_sms(self) -> bool:
        """Whether it is a number that takes text messages."""
        return takes_sms(self.phone)


def read_contact(email: str, phone: str, address: str = "") -> Contact:
    """Bring an e-mail address, a number or a postal address to one form.

    Raises:
        DomainError: several or none are given, or what is given is none.
    """
    email = unicodedata.normalize("NFKC", email).strip().casefold()
    if email and phone.strip():
        raise DomainError("Write either an e-mail address or a mobile number", field="email")
    if address.strip() and (email or phone.strip()):
        raise DomainError("Choose one way to reach you: electronic, or by letter", field="address")
    if email:
        return Contact(email, None)
    if phone.strip():
        return Contact(None, _international(phone))
    if address.strip():
        return Contact(None, None, _postal(address))
    raise DomainError("Write an e-mail address or a mobile number, so that we can reach you", field="email")


def takes_sms(phone: str | None) -> bool:
    """Whether a number, in international form, is of a series of mobiles in the Nordic countries."""
    return phone is not None and MOBILE.fullmatch(phone) is not None


def same_person_key(name: str, contact: Contact) -> str:
    """The name and the contact, however they were typed. An address alone is no person: couples share one."""
    return f"{_folded(name)}|{contact.email or contact.phone or _folded(contact.address or '')}"


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _postal(address: str) -> str:
    # On one line, as in a spreadsheet, the parts of an address stand between commas.
    typed = address.splitlines() if len(address.strip().splitlines()) > 1 else address.split(",")
    lines = [line for line in map(one_line, typed) if line]
    if not 2 <= len(lines) <= MOST_LINES or max(map(len, lines)) > LONGEST_LINE:
        raise DomainError("Write the street on one line and the postcode and town on the next", field="address")
    return "\n".join(lines)


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
