"""A message that no mail server takes, in words: to be said on the telephone or printed as a letter."""

from dataclasses import dataclass
from datetime import datetime

from services.notification.domain.values import Contact, Message
from services.notification.mail.words import Words, words
from services.notification.settings import Settings
from services.notification.use_cases.sending import situation
from shared.delivery import Reading
from shared.web import Pages


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with whom it is for and what it says."""

    message: Message
    contact: Contact
    words: Words


async def in_words(at: Reading, message: Message, settings: Settings, pages: Pages, now: datetime) -> Letter | None:
    """The message as it reads now; None when it can no longer be said, such as to somebody who was erased."""
    known = await situation(at, message)
    if known.contact is None or known.contact.erased or not known.covers(message):
        return None
    return Letter(message, known.contact, words(message, known, settings, pages, now))
