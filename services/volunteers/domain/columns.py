"""What columns and cells of a list of volunteers are called in English, Swedish and Danish."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from babel import Locale

from motesplats_events import VolunteerRole
from shared import sheets
from shared.text import word

LANGUAGES = ("en", "sv", "da")


class Column(StrEnum):
    """A column of a list of volunteers."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    MUNICIPALITY = "municipality"
    ROLES = "roles"
    LANGUAGE = "language"
    SPEAKS = "speaks"
    THEMES = "themes"
    AVOIDS = "avoids"
    AGREEMENT = "agreement"
    BASIC = "basic"


HEADERS: Mapping[Column, tuple[str, str, str]] = {
    Column.NAME: sheets.NAME,
    Column.EMAIL: sheets.EMAIL,
    Column.PHONE: sheets.PHONE,
    Column.MUNICIPALITY: ("Municipality", "Kommun", "Kommune"),
    Column.ROLES: ("Does", "Gör", "Laver"),
    Column.LANGUAGE: ("Language", "Språk", "Sprog"),
    Column.SPEAKS: ("Speaks", "Talar", "Taler"),
    Column.THEMES: ("Themes", "Ämnen", "Emner"),
    Column.AVOIDS: ("Avoids", "Undviker", "Undgår"),
    Column.AGREEMENT: ("Agreement signed on", "Avtal undertecknat", "Aftale underskrevet"),
    Column.BASIC: ("Basic training completed on", "Grundutbildning genomförd", "Grunduddannelse gennemført"),
}
OTHER_HEADERS: Mapping[str, Column] = {
    **dict.fromkeys(sheets.ALSO_NAME, Column.NAME),
    **dict.fromkeys(sheets.ALSO_EMAIL, Column.EMAIL),
    **dict.fromkeys(sheets.ALSO_PHONE, Column.PHONE),
    "hemkommun": Column.MUNICIPALITY,
    "bopælskommune": Column.MUNICIPALITY,
    "role": Column.ROLES,
    "roles": Column.ROLES,
    "roll": Column.ROLES,
    "roller": Column.ROLES,
    "rolle": Column.ROLES,
    "uppdrag": Column.ROLES,
    "opgave": Column.ROLES,
    "opgaver": Column.ROLES,
    "languages": Column.SPEAKS,
    "topics": Column.THEMES,
    "teman": Column.THEMES,
    "temaer": Column.THEMES,
    "avtal": Column.AGREEMENT,
    "aftale": Column.AGREEMENT,
    "agreement": Column.AGREEMENT,
    "tystnadslöfte": Column.AGREEMENT,
    "sekretessavtal": Column.AGREEMENT,
    "tavshedserklæring": Column.AGREEMENT,
    "basic training": Column.BASIC,
    "grundutbildning": Column.BASIC,
    "grunduddannelse": Column.BASIC,
}
ROLES: Mapping[VolunteerRole, tuple[str, str, str]] = {
    VolunteerRole.HOST: ("host", "värd", "vært"),
    VolunteerRole.PEER: ("peer", "peer", "peer"),
    VolunteerRole.LIVING_BOOK: ("living book", "levande bok", "levende bog"),
    VolunteerRole.STORYTELLER: ("storyteller", "berättare", "fortæller"),
    VolunteerRole.PATIENT_SUPPORTER: ("patient supporter", "patientstödjare", "patientstøtte"),
    VolunteerRole.GROUP_LEADER: ("group leader", "gruppledare", "tovholder"),
    VolunteerRole.LECTURER: ("lecturer", "föreläsare", "oplægsholder"),
}
OTHER_ROLES: Mapping[str, VolunteerRole] = {
    "värdinna": VolunteerRole.HOST,
    "peerstödjare": VolunteerRole.PEER,
    "peer support": VolunteerRole.PEER,
    "living library": VolunteerRole.LIVING_BOOK,
    "handledare": VolunteerRole.GROUP_LEADER,
    "samtalsledare": VolunteerRole.GROUP_LEADER,
    "facilitator": VolunteerRole.GROUP_LEADER,
    "gruppeleder": VolunteerRole.GROUP_LEADER,
    "speaker": VolunteerRole.LECTURER,
    "foredragsholder": VolunteerRole.LECTURER,
}

_HEADERS = {word(name): column for column, names in HEADERS.items() for name in names} | dict(OTHER_HEADERS)
_ROLES = {name: role for role, names in ROLES.items() for name in names} | dict(OTHER_ROLES)
_TONGUES = {
    word(name): code
    for language in LANGUAGES
    for code, name in Locale.parse(language).languages.items()
    if re.fullmatch(r"[a-z]{2,3}", code)
}
_AND = re.compile(r"[,;/\n&+]|\s(?:och|og|and)\s", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[ T]00:00(?::00)?)?")
_NORDIC = re.compile(r"(\d{1,2})\s?[./-]\s?(\d{1,2})(?:\s?[./-]\s?|\s+)(\d{4})")


def column_of(header: str) -> Column | None:
    """Which column a header means; None for one that we do not take."""
    return _HEADERS.get(word(header))


def roles_of(cell: str) -> Sequence[VolunteerRole] | None:
    """What somebody does, of words with a comma, a slash or an `and` between; None where one of them is no role."""
    found = [_ROLES.get(word(part)) for part in _AND.split(cell) if part.strip()]
    known = [role for role in found if role is not None]
    return known if len(known) == len(found) else None


def tongue_of(cell: str) -> str | None:
    """The code of a language (ISO 639), of its name or the code itself; None for none."""
    named = word(cell)
    return named if named in _TONGUES.values() else _TONGUES.get(named)


def tongues_of(cell: str) -> Sequence[str] | None:
    """The codes of languages with a comma or an `and` between; None where one of them is none."""
    found = [tongue_of(part) for part in _AND.split(cell) if part.strip()]
    known = [code for code in found if code is not None]
    return known if len(known) == len(found) else None


def topics_of(cell: str) -> Sequence[str]:
    """Topics with a semicolon, a line or, where there is neither, a comma between."""
    between = r"[;\n]" if re.search(r"[;\n]", cell) else ","
    return [part.strip() for part in re.split(between, cell) if part.strip()]


def topics_cell(topics: Sequence[str]) -> str:
    """The cell of which `topics_of` reads these topics."""
    return "; ".join(topics) + (";" if any("," in topic for topic in topics) else "")


def day_of(cell: str) -> date | None:
    """A date, the year first or the day first, as the Nordic countries write it; None for none."""
    text = cell.strip()
    if match := _ISO.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _NORDIC.fullmatch(text):
        day, month, year = map(int, match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
