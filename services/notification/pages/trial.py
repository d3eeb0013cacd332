"""The mailbox of trial mode."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from services.notification.mail.reading import clickable, read
from services.notification.mail.sms import sms_number
from services.notification.settings import Settings
from services.notification.store import trial_mail
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import NotFound
from shared.web import Pages, read_query

SignedIn = Annotated[Staff, Depends(staff)]
MOST_MAILS = 100


class MailFilter(BaseModel):
    """Whose mail to show."""

    to: Annotated[str, Field(max_length=320)] = ""


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /trial."""
    routes = APIRouter()

    @routes.get("/trial/mail")
    async def mailbox(request: Request, _: SignedIn) -> Response:
        form = read_query(request, MailFilter)
        to = form.value.to.casefold() if form.value else ""
        caught = await trial_mail.newest(delivery.reading, to=to, limit=MOST_MAILS)
        shown = [(one, sms_number(one.to, settings)) for one in caught]
        return pages.render(request, "trial/mailbox.html", form=form, to=to, mails=shown, most=MOST_MAILS)

    @routes.get("/trial/mail/{mail_id}")
    async def mail(request: Request, mail_id: str, _: SignedIn) -> Response:
        caught = await _caught(delivery, mail_id)
        content = read(caught.raw)
        return pages.render(
            request,
            "trial/mail.html",
            mail=caught,
            number=sms_number(caught.to, settings),
            body=clickable(content.text),
            attachments=content.attachments,
        )

    @routes.get("/trial/mail/{mail_id}/attachments/{number}")
    async def attachment(mail_id: str, number: int, _: SignedIn) -> Response:
        found = read((await _caught(delivery, mail_id)).raw).attachments
        if not 1 <= number <= len(found):
            raise NotFound("There is no such file")
        # Given as a file of no kind that a browser would show: a mail's content is not ours.
        headers = {"Content-Disposition": f'attachment; filename="attachment-{number}.ics"'}
        return Response(found[number - 1].content, media_type="application/octet-stream", headers=headers)

    return routes


async def _caught(delivery: Delivery, mail_id: str) -> trial_mail.CaughtMail:
    caught = await trial_mail.mail(delivery.reading, mail_id)
    if caught is None:
        raise NotFound("There is no such mail")
    return caught
