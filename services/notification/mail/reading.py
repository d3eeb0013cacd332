"""A mail as it came in, taken apart again, for the trial mailbox."""

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage

from markupsafe import Markup, escape

LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What a reader sees of a mail: the plain text, its links in order, and the files."""

    text: str
    links: list[str]
    attachments: list[Attachment]


def read(raw: bytes) -> ReadMail:
    """Take a mail apart. Whatever is missing is empty."""
    mail = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    body = mail.get_body(("plain",))
    text = str(body.get_content()).replace("\r\n", "\n").strip() if body is not None else ""
    attachments = [
        Attachment(part.get_filename() or "file", part.get_content_type(), _content(part))
        for part in mail.iter_attachments()
        if isinstance(part, EmailMessage) and not part.is_multipart()
    ]
    return ReadMail(text, LINK.findall(text), attachments)


def clickable(text: str) -> Markup:
    """The text as HTML: paragraphs, with every web address as a link."""
    blocks = []
    for block in text.split("\n\n"):
        lines = Markup("<br>\n").join(_clickable_line(line) for line in block.split("\n"))
        blocks.append(Markup("<p>{}</p>").format(lines))
    return Markup("\n").join(blocks)


def _clickable_line(line: str) -> Markup:
    parts = []
    end = 0
    for found in LINK.finditer(line):
        parts.append(escape(line[end : found.start()]))
        parts.append(Markup('<a href="{0}">{0}</a>').format(found[0]))
        end = found.end()
    return Markup("").join([*parts, escape(line[end:])])


def _content(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
