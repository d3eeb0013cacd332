"""What columns and cells of a list of people are called in English, Swedish and Danish."""

from collections.abc import Mapping
from enum import StrEnum

from motesplats_events import RegistrationStatus, Role, Source
from shared import sheets
from shared.text import word

LANGUAGES = ("en", "sv", "da")


class Column(StrEnum):
    """A column of a list of people."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"
    ROLE = "role"
    COMPANION = "companion"
    LANGUAGE = "language"
    SOURCE = "source"
    UNIT = "unit"
    PROTECTED = "protected"
    STATE = "state"


HEADERS: Mapping[Column, tuple[str, str, str]] = {
    Column.NAME: sheets.NAME,
    Column.EMAIL: sheets.EMAIL,
    Column.PHONE: sheets.PHONE,
    Column.ADDRESS: ("Address", "Adress", "Adresse"),
    Column.ROLE: ("Comes as", "Kommer som", "Kommer som"),
    Column.COMPANION: ("Companion", "Sällskap", "Ledsager"),
    Column.LANGUAGE: ("Language", "Språk", "Sprog"),
    Column.SOURCE: ("Found by", "Hittade via", "Fandt via"),
    Column.UNIT: ("Unit", "Enhet", "Enhed"),
    Column.PROTECTED: ("Protected identity", "Skyddad identitet", "Beskyttet identitet"),
    Column.STATE: ("State", "Läge", "Status"),
}
OTHER_HEADERS: Mapping[str, Column] = {
    **dict.fromkeys(sheets.ALSO_NAME, Column.NAME),
    **dict.fromkeys(sheets.ALSO_EMAIL, Column.EMAIL),
    **dict.fromkeys(sheets.ALSO_PHONE, Column.PHONE),
    "postadress": Column.ADDRESS,
    "postadresse": Column.ADDRESS,
    "role": Column.ROLE,
    "roll": Column.ROLE,
    "rolle": Column.ROLE,
    "medföljande": Column.COMPANION,
    "følgeperson": Column.COMPANION,
    "protected": Column.PROTECTED,
    "skyddad": Column.PROTECTED,
    "skyddade personuppgifter": Column.PROTECTED,
    "beskyttet": Column.PROTECTED,
    "navne- og adressebeskyttelse": Column.PROTECTED,
    "source": Column.SOURCE,
    "källa": Column.SOURCE,
    "kilde": Column.SOURCE,
}
ROLES: Mapping[Role, tuple[str, str, str]] = {
    Role.PATIENT: ("patient", "patient", "patient"),
    Role.RELATIVE: ("relative", "närstående", "pårørende"),
    Role.OTHER: ("other", "annan", "anden"),
}
OTHER_ROLES: Mapping[str, Role] = {
    "anhörig": Role.RELATIVE,
    "friend": Role.RELATIVE,
    "vän": Role.RELATIVE,
    "ven": Role.RELATIVE,
    "intresserad": Role.OTHER,
    "interesseret": Role.OTHER,
    "interested": Role.OTHER,
}
SOURCES: Mapping[Source, tuple[str, str, str]] = {
    Source.SELF: ("self", "själv", "selv"),
    Source.CLINIC: ("clinic", "klinik", "hospital"),
    Source.PRIMARY_CARE: ("primary care", "vårdcentral", "praksis"),
    Source.MUNICIPALITY: ("municipality", "kommun", "kommune"),
    Source.ASSOCIATION: ("association", "förening", "forening"),
}
OTHER_SOURCES: Mapping[str, Source] = {
    "primary_care": Source.PRIMARY_CARE,
    "primärvård": Source.PRIMARY_CARE,
    "almen praksis": Source.PRIMARY_CARE,
    "mottagning": Source.CLINIC,
    "sjukhus": Source.CLINIC,
    "afdeling": Source.CLINIC,
}
TONGUES: Mapping[str, tuple[str, ...]] = {
    "sv": ("sv", "swedish", "svenska", "svensk"),
    "da": ("da", "danish", "danska", "dansk"),
    "en": ("en", "english", "engelska", "engelsk"),
}
YES_AND_NO: Mapping[bool, tuple[str, ...]] = {
    True: ("yes", "y", "ja", "j", "x", "1", "true"),
    False: ("no", "n", "nej", "-", "0", "false"),
}
STATES: Mapping[RegistrationStatus, tuple[str, str, str]] = {
    RegistrationStatus.CONFIRMED: ("has a place", "har plats", "har plads"),
    RegistrationStatus.WAITING: ("in the queue", "i kön", "på venteliste"),
    RegistrationStatus.OFFERED: ("asked", "tillfrågad", "spurgt"),
    RegistrationStatus.APPLIED: ("has applied", "har ansökt", "har ansøgt"),
    RegistrationStatus.CANCELLED: ("cancelled", "avbokad", "afmeldt"),
}

_HEADERS = {name.casefold(): column for column, names in HEADERS.items() for name in names} | dict(OTHER_HEADERS)
_ROLES = {name: role for role, names in ROLES.items() for name in names} | dict(OTHER_ROLES)
_SOURCES = {name: source for source, names in SOURCES.items() for name in names} | dict(OTHER_SOURCES)
_YES_AND_NO = {name: meant for meant, names in YES_AND_NO.items() for name in names}
_TONGUES = {name: code for code, names in TONGUES.items() for name in names}


def column_of(header: str) -> Column | None:
    """Which column a header means; None for one that we do not take."""
    return _HEADERS.get(word(header))


def role_of(cell: str) -> Role | None:
    """As what somebody comes."""
    return _ROLES.get(word(cell))


def source_of(cell: str) -> Source | None:
    """How somebody found the way; by themselves where nothing is said."""
    return _SOURCES.get(word(cell)) if cell else Source.SELF


def tongue_of(cell: str) -> str | None:
    """The language of messages; Swedish where nothing is said."""
    return _TONGUES.get(word(cell)) if cell else "sv"


def protected_of(cell: str) -> bool | None:
    """Whether an identity is protected; it is not where nothing is said. None for what is neither yes nor no."""
    return _YES_AND_NO.get(word(cell)) if cell else False
