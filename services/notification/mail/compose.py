"""A message as a mail: a plain text part, the same as simple HTML, and the calendar file where one belongs to it."""

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.notification.domain.messages import Message
from services.notification.domain.situation import Situation
from services.notification.mail.calendar import FILE_NAME, LEFT, METHOD, calendar_file, in_file
from services.notification.mail.words import paragraphs, words
from services.notification.settings import Settings
from shared.web import Pages


class BadAddress(Exception):
    """What is stored as the address cannot be put into a mail."""


def message_id(mail_id: str, settings: Settings) -> str:
    """The Message-ID of a message, the same at every attempt, so that a mailbox can drop a repeated one."""
    return f"<{mail_id}@{settings.mail_from.rpartition('@')[2]}>"


def compose(message: Message, situation: Situation, settings: Settings, pages: Pages, now: datetime) -> EmailMessage:
    """The mail, ready to be sent.

    Raises:
        BadAddress: the address cannot be written in a header.
    """
    contact = situation.contact
    assert contact is not None and contact.email is not None
    said = words(message, situation, settings, pages, now)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(settings.mail_from_name, addr_spec=settings.mail_from)
    try:
        # The address alone: whoever typed the name is perhaps not the one who reads the mail.
        mail["To"] = Address(addr_spec=contact.email)
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddress from error
    mail["Subject"] = said.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(message.mail_id, settings)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = said.lang
    mail.set_content(said.text + "\n", cte="quoted-printable")
    html = pages.text(
        said.lang, "mail/layout.html", subject=said.subject, body=paragraphs(said.text, said.links.to_click)
    )
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    if file := _calendar(message, situation, settings, pages, now):
        mail.add_attachment(
            file,
            maintype="text",
            subtype="calendar",
            filename=FILE_NAME,
            params={"method": METHOD, "charset": "utf-8"},
        )
    return mail


def _calendar(message: Message, situation: Situation, settings: Settings, pages: Pages, now: datetime) -> bytes | None:
    programme, registration, contact = situation.programme, situation.registration, situation.contact
    sessions = in_file(message, situation, settings.zone, now)
    if not sessions or programme is None or registration is None or contact is None:
        return None
    return calendar_file(
        programme,
        sessions,
        registration,
        organizer=settings.mail_from,
        organizer_name=settings.mail_from_name,
        say=pages.catalogues[contact.language],
        zone=settings.zone,
        now=now,
        cancelled=message.kind in LEFT,
    )
