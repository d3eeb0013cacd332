"""What a message says, in the reader's language: the text of a mail, of a letter and of a telephone call.

The words are in `templates/mail/<kind>.txt`: a subject, what to say in short, and the text, with lines of dashes
between. A subject never names a programme or an illness, since others may see it on a screen.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from services.notification.domain.sending import (
    Situation,
    assignment_link_ends,
    greeting_name,
    link_ends,
)
from services.notification.domain.values import OF_A_REGISTRATION, SURVEYS, Kind, Message, Session
from services.notification.settings import Settings
from shared.access import link_token
from shared.web import Pages

DIVIDER = "\n---\n"
WITH_CALENDAR = {Kind.CONFIRMATION, Kind.PROMOTED, Kind.CANCELLED}


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words.

    Attributes:
        lang: the language they are in.
        subject: of the mail, and the headline of the letter.
        short: what to say on the telephone.
        text: paragraphs with blank lines between; the links stand alone on their lines.
        link: the personal link in it; empty when there is none (any more).
    """

    lang: str
    subject: str
    short: str
    text: str
    link: str


def link(message: Message, situation: Situation, settings: Settings) -> str:
    """The personal link that belongs to a message; empty when there is none, or none any more."""
    if message.kind in SURVEYS:
        return f"{settings.public_url}/surveys/{message.token}" if message.token else ""
    if message.kind is Kind.ASSIGNMENT_OFFER and situation.offer:
        token = link_token(settings, "assignment", message.about, assignment_link_ends(situation.offer))
        return f"{settings.public_url}/assignments/{token}"
    if message.kind in OF_A_REGISTRATION - {Kind.CANCELLED} and situation.programme:
        token = link_token(settings, "registration", message.recipient, link_ends(situation.programme))
        return f"{settings.public_url}/my/{token}"
    return ""


def words(message: Message, situation: Situation, settings: Settings, pages: Pages, now: datetime) -> Words:
    """What the message says to the person it is for.

    Args:
        situation: must hold the contact, and what the message is about.
    """
    contact, programme = situation.contact, situation.programme
    assert contact is not None
    lang = pages.catalogues[contact.language].lang
    address = link(message, situation, settings)
    rendered = pages.text(
        lang,
        f"mail/{message.kind}.txt",
        name=greeting_name(contact.name),
        programme=programme,
        upcoming=bool(programme and programme.upcoming(now)),
        sessions=(programme.upcoming(now) or programme.sessions) if programme else (),
        session=_session(message, situation),
        registration=situation.registration,
        offer=situation.offer,
        survey=situation.survey,
        reminders=contact.reminders,
        by_mail=bool(contact.email),
        link=address,
        home=f"{settings.public_url}/",
        signature=settings.mail_from_name,
    )
    subject, short, text = (part.strip() for part in rendered.split(DIVIDER, 2))
    return Words(lang, " ".join(subject.split()), " ".join(short.split()), _tidy(text), address)


def _session(message: Message, situation: Situation) -> Session | None:
    if situation.programme is None:
        return None
    if message.kind is Kind.REMINDER:
        return situation.programme.session(message.about)
    if message.kind is Kind.SESSION_SURVEY and situation.survey and situation.survey.audience:
        return situation.programme.session(situation.survey.audience[0])
    return None


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines()))


LINK = Markup('<a href="{0}">{0}</a>')
TO_TYPE = Markup('<span class="address">{0}</span>')


def paragraphs(text: str, links: Collection[str], link: Markup = LINK) -> Markup:
    """The same text as HTML: paragraphs and lists.

    Args:
        links: lines that are links; nothing else becomes one.
        link: how a link is shown: to be clicked, or to be typed by who reads it on paper.
    """

    def shown(line: str) -> Markup:
        return link.format(line) if line in links else escape(line)

    blocks = []
    for block in text.split("\n\n"):
        lines = block.split("\n")
        if all(line.startswith("- ") for line in lines):
            items = (Markup("<li>{}</li>").format(shown(line[2:])) for line in lines)
            blocks.append(Markup("<ul>{}</ul>").format(Markup("").join(items)))
        else:
            blocks.append(Markup("<p>{}</p>").format(Markup("<br>\n").join(map(shown, lines))))
    return Markup("\n").join(blocks)
