"""What this service reacts to: each event is noted; `use_cases.planning` draws the conclusions."""

from collections.abc import Callable

from services.notification.consumes import people, programmes, registrations, surveys, volunteers
from shared.delivery import Delivery


def subscribe(delivery: Delivery, wake: Callable[[], None]) -> None:
    """Register the handlers.

    Args:
        wake: called with every event, so that what follows from it is planned soon.
    """
    for subject in (programmes, registrations, people, surveys, volunteers):
        subject.subscribe(delivery, wake)
