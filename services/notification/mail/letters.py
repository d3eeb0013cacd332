"""A message that no mail server takes, in words: to be said on the telephone or printed as a letter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notification.domain.messages import Message
from services.notification.domain.people import Contact
from services.notification.mail.words import Words, words
from services.notification.settings import Settings
from services.notification.use_cases.situations import situation
from shared.delivery import Reading
from shared.web import Pages


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with whom it is for and what it says."""

    message: Message
    contact: Contact
    words: Words

    @property
    def registration_page(self) -> str:
        """Where staff see who it is for, whom nobody knows here; empty where there is no registration."""
        message = self.message
        if not message.programme_id:
            return ""
        return f"/staff/programmes/{message.programme_id}/registrations/{message.recipient}"


async def in_words(at: Reading, message: Message, settings: Settings, pages: Pages, now: datetime) -> Letter | None:
    """The message as it reads now; None when it can no longer be said, such as to somebody who was erased."""
    known = await situation(at, message)
    if known.contact is None or known.contact.erased or known.contact.paused or not known.covers(message):
        return None
    return Letter(message, known.contact, words(message, known, settings, pages, now))


async def all_in_words(
    at: Reading, found: Iterable[Message], settings: Settings, pages: Pages, now: datetime
) -> Sequence[Letter]:
    """Those of the messages that can still be said."""
    written = [await in_words(at, message, settings, pages, now) for message in found]
    return [letter for letter in written if letter is not None]


def by_name(letters: Iterable[Letter]) -> Sequence[Letter]:
    """Letters in the order of names, so that those to one person lie together and fit in one envelope."""
    return sorted(letters, key=lambda one: (one.contact.name.casefold(), one.message.recipient, one.message.due_at))
