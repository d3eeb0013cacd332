"""Whether a message that is due may leave, when to try again, and how long the links in it work."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from motesplats_events import RegistrationStatus
from services.notification.domain.planning import plan
from services.notification.domain.values import (
    OF_A_REGISTRATION,
    SURVEYS,
    Contact,
    Kind,
    Message,
    Offer,
    Programme,
    Reason,
    Registration,
    Survey,
    Wanted,
)

LINK_DAYS_AFTER_LAST_SESSION = 30
ASSIGNMENT_LINK_DAYS = 180

FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)
MOST_TRIES = 30

LONGEST_NAME = 60
NO_NAME = re.compile(r"[/@<>:\d]|\w\.\w")


class Outcome(StrEnum):
    """What to do with a message that is due."""

    SEND = "send"
    CALL = "call"
    DROP = "drop"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a message that is due, and why if it is not to be sent."""

    outcome: Outcome
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known around one message the moment before it would leave; None: not known."""

    programme: Programme | None = None
    registration: Registration | None = None
    contact: Contact | None = None
    survey: Survey | None = None
    offer: Offer | None = None
    asked_again: Sequence[datetime] = ()

    def covers(self, message: Message) -> bool:
        """Whether everything is known that the message tells of."""
        if message.kind is Kind.ASSIGNMENT_OFFER:
            return self.offer is not None
        if self.programme is None:
            return False
        if message.kind in SURVEYS:
            return self.survey is not None
        if message.kind is Kind.REMINDER:
            return self.programme.session(message.about) is not None
        return self.registration is not None


def decide(message: Message, situation: Situation, zone: ZoneInfo, now: datetime) -> Decision:
    """Whether a message that is due may leave: the plan is made again, from what is known now."""
    contact, registration = situation.contact, situation.registration
    if message.expires_at is not None and now >= message.expires_at:
        return Decision(Outcome.DROP, Reason.TOO_LATE)
    if contact is not None and contact.erased:
        return Decision(Outcome.DROP, Reason.ERASED)
    if contact is None:
        return Decision(Outcome.WAIT)
    if message.kind in OF_A_REGISTRATION and situation.programme is not None:
        wanted = plan(registration, situation.programme, contact, zone, situation.asked_again)
        if message.id not in {one.id for one in wanted}:
            return Decision(Outcome.DROP, why_not(message, registration, contact))
    if not situation.covers(message):
        return Decision(Outcome.WAIT)
    return Decision(Outcome.SEND if contact.email else Outcome.CALL)


def why_not(message: Wanted, registration: Registration | None, contact: Contact | None) -> Reason:
    """Why a message that was planned for a registration is no longer wanted."""
    if contact is None or contact.erased:
        return Reason.ERASED
    if registration is not None and registration.status is RegistrationStatus.CANCELLED:
        return Reason.CANCELLED
    if message.kind is not Kind.REMINDER:
        return Reason.OVERTAKEN
    return Reason.RESCHEDULED if contact.reminders else Reason.NO_REMINDERS


def pause_before(tries: int) -> timedelta | None:
    """How long to wait after the mail server put a message off for the `tries`-th time; None: give it up."""
    if tries >= MOST_TRIES:
        return None
    return min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)


def link_ends(programme: Programme) -> datetime:
    """How long a participant's personal link works."""
    last = max(session.starts_at + timedelta(minutes=session.minutes) for session in programme.sessions)
    return last + timedelta(days=LINK_DAYS_AFTER_LAST_SESSION)


def assignment_link_ends(offer: Offer) -> datetime:
    """How long a volunteer's link works; it also serves to tell that the assignment is done."""
    return max(offer.answer_by, offer.at or offer.answer_by) + timedelta(days=ASSIGNMENT_LINK_DAYS)


def greeting_name(name: str) -> str:
    """The name to greet with; empty where what was typed may be something else than a name.

    The registration form is open to all. Whoever gives another person's address must not be able to have us
    mail that person a text or a link of their making.
    """
    tidy = " ".join(name.split())
    return "" if len(tidy) > LONGEST_NAME or NO_NAME.search(tidy) else tidy
