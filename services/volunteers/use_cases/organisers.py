"""For whom units ask and supporters are in contact, and where: what has coordinators who see it."""

from collections.abc import Sequence

from services.volunteers import store
from services.volunteers.domain.words import as_known
from shared.access import ALL, Staff
from shared.delivery import Reading
from shared.errors import DomainError


class OrganiserUnknown(DomainError):
    """What is addressed to an organiser that nobody here belongs to is seen by nobody."""

    code = "organiser-unknown"


async def organisers(at: Reading, staff: Staff | None = None) -> Sequence[str]:
    """Those who organise programmes here, by name; empty while none is known.

    Args:
        staff: who chooses: of those they see, and those they belong to even before the first programme.
    """
    known = set(await store.organisers(at))
    if staff is not None:
        own = set(staff.organisers) - {ALL}
        known = known | own if ALL in staff.organisers else own
    return sorted(known)


async def written_here(at: Reading, municipality: str) -> str:
    """A municipality as the programmes write it, so that those who see it find in their lists what lies there."""
    return as_known(municipality, await store.municipalities_of_programmes(at))


async def check_organiser(at: Reading, organiser: str, staff: Staff | None = None) -> None:
    """Whether something can be addressed to this organiser. While none is known, to anybody.

    Raises:
        OrganiserUnknown: it is none of those who can be chosen.
    """
    known = await organisers(at, staff)
    if known and organiser not in known:
        raise OrganiserUnknown("Choose one of these: {organisers}", field="organiser", organisers=", ".join(known))
