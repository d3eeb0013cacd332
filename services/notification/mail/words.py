"""What a message says, in the reader's language: a mail's text, a letter's, a text message's and a telephone call's.

The words are in `templates/mail/<kind>.txt`: a subject, what to say in short, and the text, with lines of dashes
between. A subject and what is said in short never names a programme or an illness, since others may see it on a screen.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from services.notification.domain.assignments import Assignment
from services.notification.domain.messages import Kind, Message
from services.notification.domain.people import greeting_name
from services.notification.domain.planning.changes import added_sessions, around, told_changes
from services.notification.domain.programmes import Session
from services.notification.domain.situation import Situation
from services.notification.mail.calendar import in_file
from services.notification.mail.links import Links, links
from services.notification.settings import Settings
from shared.web import Pages

TELLS_OF_NEW = frozenset({Kind.NEW_SESSIONS, Kind.ASSIGNMENT_CHANGED})
DIVIDER = "\n---\n"


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words.

    Attributes:
        lang: the language they are in.
        subject: of the mail, and the headline of the letter.
        short: what to say on the telephone, or in a text message.
        text: paragraphs with blank lines between; the links stand alone on their lines.
        links: the addresses that may stand in it.
    """

    lang: str
    subject: str
    short: str
    text: str
    links: Links


def words(
    message: Message, situation: Situation, settings: Settings, pages: Pages, now: datetime, *, by_sms: bool = False
) -> Words:
    """What the message says to the person it is for.

    Args:
        situation: must hold the contact, and what the message is about.
        by_sms: in short it is a text message, with its link below. Otherwise a letter with the link follows.
    """
    contact, programme = situation.contact, situation.programme
    assert contact is not None
    lang = pages.catalogues[contact.language].lang
    addresses = links(message, situation, settings)
    coming = meetings(situation, settings, now)
    asked = situation.told_of(message)
    known, (_, _, ref) = around(message, situation, settings.zone), message.about.rpartition("@")
    changed = told_changes(known, ref)
    to_come = [one for one in changed if (one.change.starts_at or one.change.was_at) > now]
    rendered = pages.text(
        lang,
        _template(message, situation),
        name=greeting_name(contact.name),
        programme=programme,
        upcoming=bool(coming),
        sessions=coming or meetings(situation, settings),
        session=_session(message, situation),
        added=added_sessions(known, settings.zone, ref) if message.kind in TELLS_OF_NEW else (),
        changed=to_come or changed,
        registration=situation.registration,
        asked=[(one, situation.begins_at(one)) for one in asked],
        wish=situation.wish,
        survey=situation.survey,
        reminders=contact.reminders,
        with_file=bool(contact.email) and bool(in_file(message, situation, settings.zone, now)),
        by_letter=contact.by_letter,
        by_sms=by_sms,
        links=addresses,
        organiser=_organiser(situation, asked) or settings.mail_from_name,
    )
    subject, short, text = (part.strip() for part in rendered.split(DIVIDER, 2))
    return Words(lang, " ".join(subject.split()), " ".join(short.split()), _tidy(text), addresses)


def text_message(said: Words, message: Message, situation: Situation, settings: Settings, pages: Pages) -> str:
    """A text message: from whom, what is said in short, and one personal link where there is one."""
    link = said.links.main or said.links.own_page
    if message.kind is Kind.ASSIGNMENT_CHANGED:
        asked = situation.told_of(message)
        # The main one is of the first assignment alone, and of who does not lead the one to give it up.
        link = link if len(asked) == 1 and asked[0].leads else said.links.own_page
    own_pages = tuple(f"{settings.public_url}/{page}/" for page in ("my", "volunteer"))
    text = pages.text(
        said.lang,
        "mail/sms.txt",
        sender=settings.mail_from_name,
        short=said.short,
        link=link,
        is_own_page=link.startswith(own_pages),
    )
    return text.strip()


def _template(message: Message, situation: Situation) -> str:
    if message.kind is Kind.CANCELLED and situation.registration is not None:
        return f"mail/cancelled/{situation.registration.reason}.txt"
    return f"mail/{message.kind}.txt"


def meetings(situation: Situation, settings: Settings, now: datetime | None = None) -> Sequence[Session]:
    """The programme's meetings that are for this person and take place.

    Args:
        now: only those that have not begun.
    """
    programme, registration = situation.programme, situation.registration
    if programme is None:
        return ()
    sessions = registration.sessions(programme, settings.zone) if registration else programme.sessions
    return [s for s in sessions if not s.cancelled and (now is None or s.starts_at > now)]


def _organiser(situation: Situation, asked: Sequence[Assignment]) -> str:
    if situation.programme is not None:
        return situation.programme.organiser
    return asked[0].organiser if asked else ""


def _session(message: Message, situation: Situation) -> Session | None:
    programme, survey = situation.programme, situation.survey
    if programme is None:
        return None
    if message.kind is Kind.REMINDER:
        return programme.session(message.about)
    if message.kind is Kind.SESSION_SURVEY and survey and survey.audience:
        return programme.session(survey.audience[0])
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
