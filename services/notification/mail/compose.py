"""A message as a mail: a plain text part, the same as simple HTML, and the calendar file where one belongs to it.

A text message is a mail too, of the text alone, to a gateway that makes an SMS of it.
"""

from collections.abc import Callable
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from services.notification.domain.messages import Message
from services.notification.domain.situation import Situation
from services.notification.mail.calendar import FILE_NAME, LEFT, METHOD, calendar_file, in_file
from services.notification.mail.sms import sms_address
from services.notification.mail.words import paragraphs, text_message, words
from services.notification.settings import Settings
from shared.web import Pages

Compose = Callable[[Message, Situation, Settings, Pages, datetime], EmailMessage]


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
    mail = _addressed(contact.email, said.subject, said.lang, message, settings, now)
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


def compose_sms(
    message: Message, situation: Situation, settings: Settings, pages: Pages, now: datetime
) -> EmailMessage:
    """The mail of which the gateway makes a text message.

    The subject is the sender's name, in which many gateways look for it; the text says it too, for all others.
    """
    contact = situation.contact
    assert contact is not None and contact.phone is not None
    said = words(message, situation, settings, pages, now, by_sms=True)
    name = settings.mail_from_name
    mail = _addressed(sms_address(contact.phone, settings), name, said.lang, message, settings, now)
    mail.set_content(text_message(said, message, situation, settings, pages), cte="quoted-printable")
    return mail


def _addressed(to: str, subject: str, lang: str, message: Message, settings: Settings, now: datetime) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(settings.mail_from_name, addr_spec=settings.mail_from)
    try:
        # The address alone: whoever typed the name is perhaps not the one who reads the mail.
        mail["To"] = Address(addr_spec=to)
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddress from error
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(message.mail_id, settings)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = lang
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
