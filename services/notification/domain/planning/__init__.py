"""Which messages a person is to get, and when."""

from zoneinfo import ZoneInfo

from services.notification.domain.messages import Wanted
from services.notification.domain.planning import registrations, volunteers, wishes
from services.notification.domain.situation import Situation


def plan(situation: Situation, zone: ZoneInfo) -> list[Wanted]:
    """Every message that is called for as things now stand, those that have been sent included.

    The order in which things became known changes nothing. A pause is no part of it: it holds what is wanted back.
    """
    if situation.contact is None or situation.contact.erased:
        return []
    return [*registrations.plan(situation, zone), *wishes.plan(situation), *volunteers.plan(situation, zone)]
