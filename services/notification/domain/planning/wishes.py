"""What a wish calls for: that it is noted, and that it is off the list."""

from services.notification.domain.messages import Kind, Wanted
from services.notification.domain.situation import Situation


def plan(situation: Situation) -> list[Wanted]:
    """The message that says how the wish stands; that the queue moves is not worth one."""
    wish = situation.wish
    if wish is None:
        return []
    kind, since = (Kind.WISH_NOTED, wish.noted_at) if wish.open else (Kind.WISH_CLOSED, wish.changed_at)
    return [Wanted(kind, wish.wish_id, "", "", since, about=wish.wish_id, municipality=wish.municipality)]
