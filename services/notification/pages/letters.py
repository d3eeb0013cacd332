"""Letters: all that wait, a page each, to be printed and marked as posted; and one alone."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from pydantic import BaseModel, Field

from services.notification.domain.messages import Kind, Status
from services.notification.mail.letters import Letter, all_in_words, by_name, in_words
from services.notification.mail.words import TO_TYPE, paragraphs
from services.notification.pages.kinds import KINDS
from services.notification.settings import Settings
from services.notification.use_cases import by_hand
from services.notification.use_cases.by_hand import MOST_SHOWN, MessageNotFound, Overtaken
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.web import Form, Pages, read_form

SignedIn = Annotated[Staff, Depends(staff)]


class Posting(BaseModel):
    """The letters that stood on the page when it was printed; not those that came since."""

    letter: Annotated[list[Annotated[str, Field(max_length=300)]], Field(min_length=1, max_length=MOST_SHOWN)]


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """Pages under /staff/letters."""
    routes = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now

    async def show(
        request: Request, staff: Staff, form: Form[Posting], overtaken: Sequence[Overtaken] = ()
    ) -> Response:
        moment = now()
        waiting = await by_hand.letters(reading, staff)
        counts, _ = await by_hand.counts(reading, staff, "", moment)
        written = by_name(await all_in_words(reading, waiting, settings, pages, moment))
        return pages.render(
            request,
            "staff/letters.html",
            form=form,
            letters=[(letter, _body(letter)) for letter in written],
            waiting=sum(counts[kind, Status.LETTER] for kind in Kind),
            overtaken=overtaken,
            kind_names=KINDS,
        )

    @routes.get("/staff/letters")
    async def letters(request: Request, staff: SignedIn) -> Response:
        return await show(request, staff, Form())

    @routes.post("/staff/letters")
    async def posted(request: Request, staff: SignedIn) -> Response:
        form = await read_form(request, Posting)
        if form.value is None:
            return await show(request, staff, form)
        ids = form.value.letter
        overtaken = await delivery.transact(lambda tx: by_hand.mark_posted(tx, staff, ids))
        if overtaken:
            return await show(request, staff, Form(), overtaken)
        return RedirectResponse("/staff/messages#called", status_code=303)

    @routes.get("/staff/letters/{message_id}")
    async def letter(request: Request, message_id: str, staff: SignedIn) -> Response:
        message = await by_hand.letter_for(reading, staff, message_id)
        written = await in_words(reading, message, settings, pages, now())
        if written is None:
            raise MessageNotFound("There is no such message")
        return pages.render(request, "staff/letter.html", letter=written, body=_body(written))

    return routes


def _body(letter: Letter) -> Markup:
    return paragraphs(letter.words.text, letter.words.links.to_click, TO_TYPE)
