"""HTML for staff: what was sent, whom to call, letters to print, what failed; in trial mode the mailbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from services.notification.domain.values import Kind, Message, Reason, Status
from services.notification.mail.letters import Letter, in_words
from services.notification.mail.reading import clickable, read
from services.notification.mail.words import TO_TYPE, paragraphs
from services.notification.settings import Settings
from services.notification.store import trial_mail
from services.notification.use_cases import by_hand
from services.notification.use_cases.by_hand import MessageNotFound
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.errors import DomainError, NotFound
from shared.web import Form, Pages, msg, read_form, read_query

SignedIn = Annotated[Staff, Depends(staff)]
MOST_MAILS = 100

KINDS = {
    Kind.CONFIRMATION: msg("Confirmation"),
    Kind.QUEUED: msg("In the queue"),
    Kind.PROMOTED: msg("Got a place from the queue"),
    Kind.CANCELLED: msg("Cancellation"),
    Kind.REMINDER: msg("Reminder"),
    Kind.SESSION_SURVEY: msg("Survey about a session"),
    Kind.COURSE_SURVEY: msg("Survey about the whole"),
    Kind.ALREADY_REGISTERED: msg("Registered already"),
    Kind.ASSIGNMENT_OFFER: msg("Request to a volunteer"),
}
REASONS = {
    Reason.REFUSED: msg("The mail server of the address does not take it"),
    Reason.KEPT_FAILING: msg("The mail server of the address has put it off again and again"),
    Reason.BAD_ADDRESS: msg("The address cannot be written to"),
}


class Filter(BaseModel):
    """Which programme's messages to show."""

    programme: str = ""


class Acting(BaseModel):
    """A button on the page of messages."""

    action: Literal["called", "undo", "retry"]
    message: Annotated[str, Field(max_length=300)]


class MailFilter(BaseModel):
    """Whose mail to show."""

    to: Annotated[str, Field(max_length=320)] = ""


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff/messages, /staff/letters and /trial."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now

    async def letters(found: Sequence[Message], moment: datetime) -> list[Letter]:
        written = [await in_words(reading, message, settings, pages, moment) for message in found]
        return [letter for letter in written if letter is not None]

    async def show(request: Request, staff: Staff, form: Form[Acting]) -> Response:
        moment = now()
        chosen = read_query(request, Filter)
        programme_id = chosen.value.programme if chosen.value else ""
        overview = await by_hand.overview(reading, staff, programme_id)
        programmes = sorted(overview.choices.values(), key=lambda p: (p.title, p.programme_id))
        counts, _ = await by_hand.counts(reading, staff, programme_id, moment)
        return pages.render(
            request,
            "staff/messages.html",
            form=form,
            chosen=chosen,
            programmes=programmes,
            pick=[(p.programme_id, p.title) for p in programmes],
            kinds=[(kind, name) for kind, name in KINDS.items() if any(counts[kind, s] for s in Status)],
            titles={id: programme.title for id, programme in overview.choices.items()},
            kind_names=KINDS,
            reasons=REASONS,
            counts=counts,
            totals={status: sum(counts[kind, status] for kind in Kind) for status in Status},
            calls=await letters(overview.calls, moment),
            called=await letters(overview.called, moment),
            stuck=await letters(overview.failed, moment),
            now=moment,
        )

    @routes.get("/staff/messages")
    async def messages(request: Request, staff: SignedIn) -> Response:
        return await show(request, staff, Form())

    @routes.post("/staff/messages")
    async def act(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, Acting)
        if form.value is None:
            return await show(request, staff, form)
        wanted = form.value
        do = {
            "called": by_hand.mark_called,
            "undo": by_hand.undo_called,
            "retry": by_hand.try_again,
        }[wanted.action]
        try:
            await delivery.transact(lambda tx: do(tx, staff, wanted.message))
        except DomainError as error:
            form.fail(error)
            return await show(request, staff, form)
        query = f"?{request.url.query}" if request.url.query else ""
        place = {"called": "#called", "undo": "#calls", "retry": "#failed"}[wanted.action]
        return RedirectResponse(f"/staff/messages{query}{place}", status_code=303)

    @routes.get("/staff/letters/{message_id}")
    async def letter(request: Request, message_id: str, staff: SignedIn) -> Response:
        moment = now()
        message = await by_hand.letter_for(reading, staff, message_id)
        written = await in_words(reading, message, settings, pages, moment)
        if written is None:
            raise MessageNotFound("There is no such message")
        links = {written.words.link, f"{settings.public_url}/"}
        body = paragraphs(written.words.text, links, TO_TYPE)
        return pages.render(request, "staff/letter.html", letter=written, body=body)

    if settings.trial:

        @routes.get("/trial/mail")
        async def mailbox(request: Request, _: SignedIn) -> Response:
            form = read_query(request, MailFilter)
            to = form.value.to.casefold() if form.value else ""
            caught = await trial_mail.newest(reading, to=to, limit=MOST_MAILS)
            return pages.render(request, "trial/mailbox.html", form=form, to=to, mails=caught, most=MOST_MAILS)

        @routes.get("/trial/mail/{mail_id}")
        async def mail(request: Request, mail_id: str, _: SignedIn) -> Response:
            caught = await _caught(delivery, mail_id)
            content = read(caught.raw)
            return pages.render(
                request,
                "trial/mail.html",
                mail=caught,
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
