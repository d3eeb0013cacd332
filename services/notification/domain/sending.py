"""Whether a message that is due may leave, and when to try again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from motesplats_events import RegistrationStatus
from services.notification.domain.messages import (
    OF_A_REGISTRATION,
    SURVEYS,
    TOLD_IN_PERSON,
    Kind,
    Message,
    Reason,
    Status,
    Wanted,
)
from services.notification.domain.people import Contact
from services.notification.domain.planning import plan
from services.notification.domain.situation import Situation
from shared.contact import takes_sms

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)
MOST_TRIES = 30


class Outcome(StrEnum):
    """What to do with a message that is due. `hold`: not while the person wants a pause."""

    SEND = "send"
    SMS = "sms"
    CALL = "call"
    LETTER = "letter"
    DROP = "drop"
    HOLD = "hold"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a message that is due, and why if it is not to be sent."""

    outcome: Outcome
    reason: Reason | None = None


def decide(message: Message, situation: Situation, zone: ZoneInfo, now: datetime, *, sms: bool = False) -> Decision:
    """Whether a message that is due may leave: the plan is made again, from what is known now.

    Args:
        sms: whether there is a gateway for text messages.
    """
    contact = situation.contact
    if message.expires_at is not None and now >= message.expires_at:
        return Decision(Outcome.DROP, Reason.TOO_LATE)
    if contact is not None and contact.erased:
        return Decision(Outcome.DROP, Reason.ERASED)
    if contact is None or not situation.can_tell(message):
        return Decision(Outcome.WAIT)
    if message.kind not in SURVEYS and message.id not in {one.id for one in plan(situation, zone)}:
        return Decision(Outcome.DROP, why_not(message, situation))
    if contact.paused:
        return Decision(Outcome.HOLD)
    if not situation.covers(message):
        return Decision(Outcome.WAIT)
    return Decision(_way_to(contact, sms=sms and message.kind not in TOLD_IN_PERSON))


def _way_to(contact: Contact, *, sms: bool) -> Outcome:
    if contact.protected:
        return Outcome.CALL
    if contact.email:
        return Outcome.SEND
    if contact.by_letter:
        return Outcome.LETTER
    return Outcome.SMS if sms and takes_sms(contact.phone) else Outcome.CALL


def by_hand(contact: Contact | None) -> Status:
    """On which list a message stands that somebody has to tell or post."""
    if contact is not None and contact.paused:
        return Status.PAUSED
    return Status.LETTER if contact is not None and contact.by_letter else Status.CALL


def why_not(message: Wanted, situation: Situation) -> Reason:
    """Why a message that was planned is no longer wanted."""
    contact, registration, programme = situation.contact, situation.registration, situation.programme
    if contact is None or contact.erased:
        return Reason.ERASED
    if message.kind not in OF_A_REGISTRATION:
        return Reason.OVERTAKEN
    if registration is not None and registration.status is RegistrationStatus.CANCELLED:
        return Reason.CANCELLED
    if programme is not None and programme.cancelled:
        return Reason.CANCELLED
    if message.kind is not Kind.REMINDER:
        return Reason.OVERTAKEN
    return Reason.RESCHEDULED if contact.reminders else Reason.NO_REMINDERS


def pause_before(tries: int) -> timedelta | None:
    """How long to wait after the mail server put a message off for the `tries`-th time; None: give it up."""
    if tries >= MOST_TRIES:
        return None
    return min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)
