"""Programmes, their sessions, and where they meet digitally."""

from collections.abc import Callable

from motesplats_events import Envelope, MeetingLinkChanged, ProgrammePlanned, SessionChanged
from services.notification.domain.programmes import MeetingLink, Programme, Session, SessionChange
from services.notification.use_cases import noting
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery, wake: Callable[[], None]) -> None:
    """Register the handlers."""

    @delivery.on(ProgrammePlanned)
    async def on_programme_planned(tx: Transaction, event: ProgrammePlanned, envelope: Envelope) -> None:
        sessions = [Session(s.session_id, s.starts_at, s.minutes, s.theme, s.cancelled, s.room) for s in event.sessions]
        programme = Programme(
            programme_id=event.programme_id,
            sequence=envelope.sequence,
            title=event.title,
            organiser=event.organiser,
            place=event.place.name,
            municipality=event.place.municipality,
            sessions=tuple(sessions),
            format=event.format,
            cancelled=event.cancelled,
        )
        await noting.note_programme(tx, programme, envelope.time)
        wake()

    @delivery.on(SessionChanged)
    async def on_session_changed(tx: Transaction, event: SessionChanged, envelope: Envelope) -> None:
        change = SessionChange(
            session_id=event.session_id,
            programme_id=event.programme_id,
            sequence=envelope.sequence,
            was_at=event.was_at,
            starts_at=event.starts_at,
            at=envelope.time,
        )
        await noting.note_session_change(tx, change)
        wake()

    @delivery.on(MeetingLinkChanged)
    async def on_meeting_link_changed(tx: Transaction, event: MeetingLinkChanged, envelope: Envelope) -> None:
        link = MeetingLink(event.programme_id, envelope.sequence, event.url, envelope.time)
        await noting.note_link(tx, link)
        wake()
