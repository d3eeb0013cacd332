"""JSON API: how many messages have left, who has to be called or written to, and in trial mode the mailbox."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from services.notification.domain.messages import Kind, Status
from services.notification.mail.letters import all_in_words, by_name
from services.notification.mail.reading import read
from services.notification.settings import Settings
from services.notification.store import trial_mail
from services.notification.use_cases import by_hand
from shared.access import Staff, staff
from shared.delivery import Delivery
from shared.web import Pages

SignedIn = Annotated[Staff, Depends(staff)]
MOST_MAILS = 1000


class CountsOut(BaseModel):
    """How many messages, by kind.

    Attributes:
        sent: have left by mail or as a text message.
        queued: will leave, most of them later.
        due: of the queued ones, how many should have left by now.
        calls: wait for somebody to call, or to tell a protected person.
        letters: wait to be printed and posted.
        paused: are held while the person wants no messages.
        failed: could not be delivered.
    """

    sent: dict[Kind, int]
    queued: dict[Kind, int]
    due: int
    calls: int
    letters: int
    paused: int
    failed: int


class CallOut(BaseModel):
    """Somebody who has to be called or told, and what to tell them.

    Attributes:
        programme_id: empty where it is about no programme.
        protected: the identity is protected: neither name nor number is known here, and the coordinator tells them.
        registration: the page where the coordinator sees who it is; empty unless it is a protected participant.
        say: in short, in the person's own language.
        letter: the page with the whole text, to be printed.
    """

    message_id: str
    kind: Kind
    programme_id: str
    name: str
    phone: str | None
    protected: bool
    registration: str
    language: str
    say: str
    due_at: AwareDatetime
    letter: str


class CallsOut(BaseModel):
    """The call list, the longest due first."""

    calls: list[CallOut]


class LetterOut(BaseModel):
    """A letter to be printed and posted.

    Attributes:
        programme_id: empty where it is about no programme.
        letter: its page; all of them are on /staff/letters.
    """

    message_id: str
    kind: Kind
    programme_id: str
    name: str
    address: str
    language: str
    due_at: AwareDatetime
    letter: str


class LettersOut(BaseModel):
    """The letters that wait, in the order of names."""

    letters: list[LetterOut]


class CallState(BaseModel):
    """Where a call or letter stands."""

    status: Status


class MailOut(BaseModel):
    """A mail that the trial mailbox caught.

    Attributes:
        id: later mails have greater ids.
        links: every web address in the text, in order.
    """

    id: str
    to: str
    subject: str
    text: str
    links: list[str]
    attachments: list[str]
    received_at: AwareDatetime


class MailsOut(BaseModel):
    """Mails in the order in which they came."""

    mails: list[MailOut]


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The routes under /api/notification."""
    api = APIRouter(prefix="/api/notification", tags=["notification"])
    reading = delivery.reading
    now = delivery.clock.now

    @api.get("/messages")
    async def counts(staff: SignedIn, programme_id: str = "") -> CountsOut:
        """How many messages have left and how many wait, of one programme or of all that the caller may see."""
        found, due = await by_hand.counts(reading, staff, programme_id, now())

        def by_kind(status: Status) -> dict[Kind, int]:
            return {kind: found[kind, status] for kind in Kind}

        return CountsOut(
            sent=by_kind(Status.SENT),
            queued=by_kind(Status.QUEUED),
            due=due,
            calls=sum(by_kind(Status.CALL).values()),
            letters=sum(by_kind(Status.LETTER).values()),
            paused=sum(by_kind(Status.PAUSED).values()),
            failed=sum(by_kind(Status.FAILED).values()),
        )

    @api.get("/calls")
    async def calls(staff: SignedIn) -> CallsOut:
        """Who has to be called or told."""
        waiting = await by_hand.calls(reading, staff)
        return CallsOut(
            calls=[
                CallOut(
                    message_id=one.message.id,
                    kind=one.message.kind,
                    programme_id=one.message.programme_id,
                    name=one.contact.name,
                    phone=one.contact.phone,
                    protected=one.contact.protected,
                    registration=one.registration_page if one.contact.protected else "",
                    language=one.words.lang,
                    say=one.words.short,
                    due_at=one.message.due_at,
                    letter=_page(one.message.id),
                )
                for one in await all_in_words(reading, waiting, settings, pages, now())
            ]
        )

    @api.get("/letters")
    async def letters(staff: SignedIn) -> LettersOut:
        """Who has to be written to by post."""
        waiting = await by_hand.letters(reading, staff)
        return LettersOut(
            letters=[
                LetterOut(
                    message_id=one.message.id,
                    kind=one.message.kind,
                    programme_id=one.message.programme_id,
                    name=one.contact.name,
                    address=one.contact.address or "",
                    language=one.words.lang,
                    due_at=one.message.due_at,
                    letter=_page(one.message.id),
                )
                for one in by_name(await all_in_words(reading, waiting, settings, pages, now()))
            ]
        )

    @api.post("/calls/{message_id}/done")
    async def done(message_id: str, staff: SignedIn) -> CallState:
        """Say that the person has been called or written to. A survey link is not kept after this."""
        await delivery.transact(lambda tx: by_hand.mark_called(tx, staff, message_id))
        return CallState(status=Status.CALLED)

    @api.post("/calls/{message_id}/undo")
    async def undo(message_id: str, staff: SignedIn) -> CallState:
        """Put a call or letter back on its list."""
        status = await delivery.transact(lambda tx: by_hand.undo_called(tx, staff, message_id))
        return CallState(status=status)

    @api.post("/messages/{message_id}/retry")
    async def retry(message_id: str, staff: SignedIn) -> CallState:
        """Send a message that failed once more."""
        await delivery.transact(lambda tx: by_hand.try_again(tx, staff, message_id))
        return CallState(status=Status.QUEUED)

    if settings.trial:

        @api.get("/trial/mail", dependencies=[Depends(staff)])
        async def mail(to: str = "", after: str = "") -> MailsOut:
            """Mails that the platform sent (trial mode): those to one address, or after the one with an id."""
            caught = await trial_mail.mails(reading, to=to.strip().casefold(), after=after, limit=MOST_MAILS)
            return MailsOut(mails=[_mail_out(one) for one in caught])

    return api


def _page(message_id: str) -> str:
    return f"/staff/letters/{quote(message_id, safe='')}"


def _mail_out(caught: trial_mail.CaughtMail) -> MailOut:
    content = read(caught.raw)
    return MailOut(
        id=caught.id,
        to=", ".join(caught.to),
        subject=caught.subject,
        text=content.text,
        links=content.links,
        attachments=[attachment.name for attachment in content.attachments],
        received_at=caught.received_at,
    )
