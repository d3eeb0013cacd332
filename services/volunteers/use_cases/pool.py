"""The one pool of volunteers, and which of them staff see. They belong to no organiser."""

from collections.abc import Sequence

from motesplats_events import VolunteerRole
from services.volunteers import store
from services.volunteers.domain.volunteers import Volunteer
from services.volunteers.domain.words import folded
from shared.access import ALL, Staff
from shared.delivery import Reading
from shared.errors import Forbidden


def may_see(staff: Staff, volunteer: Volunteer) -> None:
    """Let pass only who sees the volunteers of this municipality. They belong to no organiser: there is one pool.

    Raises:
        Forbidden: the volunteer lives in another area.
    """
    if not sees(staff, volunteer):
        raise Forbidden("This volunteer lives in another area")


async def seen_volunteer(at: Reading, volunteer_id: str, staff: Staff) -> Volunteer:
    """A volunteer whom this member of staff may ask.

    Raises:
        VolunteerNotFound, Forbidden.
    """
    volunteer = await store.volunteer(at, volunteer_id)
    may_see(staff, volunteer)
    return volunteer


async def seen_pool(at: Reading, role: VolunteerRole, staff: Staff) -> Sequence[Volunteer]:
    """Those who do this whom this member of staff may ask, by name."""
    seen = [volunteer for volunteer in await store.pool(at, role) if sees(staff, volunteer)]
    return sorted(seen, key=lambda volunteer: (volunteer.name.casefold(), volunteer.volunteer_id))


def sees(staff: Staff, volunteer: Volunteer) -> bool:
    """Whether a volunteer lives where this member of staff sees them, however either is written."""
    return ALL in staff.areas or folded(volunteer.municipality) in map(folded, staff.areas)
