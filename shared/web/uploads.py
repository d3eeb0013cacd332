"""A table as a file on a page: looked at first, and carried by the page until it is taken in.

Nothing of a file is kept in between. On the form it is the hidden field `content`.
"""

import binascii
from base64 import b64decode, b64encode
from typing import Any

from fastapi import Request

from shared.web.forms import Form
from shared.web.language import msg


async def uploaded(request: Request, form: Form[Any]) -> bytes:
    """The file of a form's field `file`, noted on `form` to be carried along; empty, with a problem, without one."""
    sent = (await request.form(max_files=1, max_fields=10)).get("file")
    content = b"" if sent is None or isinstance(sent, str) else await sent.read()
    if content:
        form.values["content"] = [b64encode(content).decode()]
    else:
        form.problem("file", msg("Choose a file"))
    return content


def carried(form: Form[Any]) -> bytes:
    """The file that the page carried along, empty where it was spoiled on the way."""
    try:
        return b64decode(form.text("content"), validate=True)
    except (binascii.Error, ValueError):
        return b""
