"""What things are called on the pages: roles, units, states, languages."""

from collections.abc import Iterable

from babel import Locale

from motesplats_events import Format, VolunteerRole
from services.volunteers.domain.requests import ASKED_FOR, RequestStatus, UnitKind
from services.volunteers.domain.volunteers import Reach
from shared.web import msg

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

ASKED_FOR_ROLES = {role: ROLES[role] for role in ASKED_FOR}

UNIT_KINDS = {
    UnitKind.CLINIC: msg("Clinic or ward"),
    UnitKind.PRIMARY_CARE: msg("Care centre"),
    UnitKind.MUNICIPALITY: msg("Municipality or school"),
    UnitKind.ASSOCIATION: msg("Association"),
}

FORMATS = {
    Format.PHYSICAL: msg("At our place"),
    Format.DIGITAL: msg("Digitally"),
    Format.BOTH: msg("Both work"),
}

REACHES = {
    Reach.MUNICIPALITY: msg("In the municipality only"),
    Reach.AREA: msg("In the area"),
    Reach.ANYWHERE: msg("As far as needed"),
}

REQUEST_STATES = {
    RequestStatus.RECEIVED: (msg("New"), "wait"),
    RequestStatus.SEARCHING: (msg("Asked, waits for an answer"), ""),
    RequestStatus.FILLED: (msg("Somebody comes"), "good"),
    RequestStatus.NOBODY_LEFT: (msg("Nobody found"), "bad"),
    RequestStatus.WITHDRAWN: (msg("Withdrawn"), ""),
}
"""What a state is called, and the colour of its tag."""

SPOKEN = ("sv", "da", "en", "nb", "fi", "se", "ar", "bs", "de", "es", "fa", "fr", "pl", "ru", "so", "ti", "tr", "uk")
"""Languages to choose from; the API takes any of ISO 639."""


def spoken(lang: str, more: Iterable[str] = ()) -> dict[str, str]:
    """The names of languages in the reader's language, by code.

    Args:
        more: codes that are to be among them.
    """
    names = Locale.parse(lang).languages
    return {code: names.get(code, code) for code in dict.fromkeys([*SPOKEN, *more])}
