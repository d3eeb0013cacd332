"""A volunteer's calendar, and the address at which another calendar reads it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.volunteers import store
from services.volunteers.domain.calendar import Entry, entries
from services.volunteers.domain.volunteers import Volunteer, VolunteerNotFound, VolunteerStatus
from shared.access import link_token, read_link
from shared.delivery import Reading
from shared.errors import Gone
from shared.settings import Settings

LINK_PURPOSE = "volunteer-calendar"
LINK_FOR = timedelta(days=2 * 365)
"""A calendar reads the address by itself for as long; then the volunteer copies a new one from their page."""


def calendar_token(settings: Settings, volunteer_id: str, now: datetime) -> str:
    """The last part of the address of a volunteer's calendar; the same all day, and worth nothing as another link."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return link_token(settings, LINK_PURPOSE, volunteer_id, day + LINK_FOR)


async def linked_calendar(
    at: Reading, settings: Settings, token: str, now: datetime
) -> tuple[Volunteer, Sequence[Entry]]:
    """The volunteer whose calendar an address opens, and what stands in it.

    Raises:
        Gone: the address is forged or has expired, or the volunteer has left.
    """
    try:
        volunteer = await store.volunteer(at, read_link(settings, LINK_PURPOSE, token, now))
    except VolunteerNotFound:
        raise Gone("This link does not work any more") from None
    if volunteer.status is not VolunteerStatus.ENROLLED:
        raise Gone("This link does not work any more")
    assignments = await store.assignments_of(at, volunteer.volunteer_id)
    programmes = await store.programmes_by_id(at, {one.task.programme_id for one in assignments})
    return volunteer, entries(assignments, programmes, now)
