"""What has to be known the moment before a message leaves."""

from services.notification.domain.sending import Situation
from services.notification.domain.values import SURVEYS, Kind, Message
from services.notification.store import facts
from shared.delivery import Reading


async def situation(at: Reading, message: Message) -> Situation:
    """What is known around a message, read now."""
    who = {message.recipient}
    contact = (await facts.contacts(at, who)).get(message.recipient)
    programme = await facts.programme(at, message.programme_id)
    if message.kind is Kind.ASSIGNMENT_OFFER:
        return Situation(programme, None, contact, offer=await facts.offer(at, message.about))
    if message.kind in SURVEYS:
        return Situation(programme, None, contact, survey=await facts.survey(at, message.about))
    return Situation(
        programme,
        (await facts.registrations(at, who)).get(message.recipient),
        contact,
        asked_again=(await facts.repeats(at, who)).get(message.recipient, ()),
    )
