"""Links that staff make for a unit, so that who registers by one is counted for it."""

from dataclasses import dataclass
from datetime import datetime

from motesplats_events import Source
from services.registration.domain.programmes import FURTHEST_AHEAD
from services.registration.settings import Settings
from shared.access import link_token, read_link
from shared.errors import Gone

LINK_PURPOSE = "unit"


@dataclass(frozen=True, slots=True)
class Unit:
    """Who shows people the way.

    Attributes:
        name: as staff call it; empty where they have not said.
    """

    source: Source
    name: str


def token_for(settings: Settings, programme_id: str, unit: Unit, now: datetime) -> str:
    """What the link of a unit to a programme carries: signed, because what it names is published."""
    subject = f"{programme_id} {unit.source.value} {unit.name}"
    return link_token(settings, LINK_PURPOSE, subject, now + FURTHEST_AHEAD)


def unit_of(settings: Settings, programme_id: str, token: str, now: datetime) -> Unit | None:
    """The unit whose link it is; None where the token is none, or was made for another programme."""
    try:
        programme, source, name = read_link(settings, LINK_PURPOSE, token, now).split(" ", 2)
    except Gone:
        return None
    return Unit(Source(source), name) if programme == programme_id else None
