"""What this service learns from the others."""

from motesplats_events import Envelope, ProgrammePlanned
from services.volunteers.domain.programmes import Programme, Session
from services.volunteers.domain.rules import Rules
from services.volunteers.use_cases.programmes import keep_programme
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery, rules: Rules) -> None:
    """Register the handlers."""

    @delivery.on(ProgrammePlanned)
    async def on_programme_planned(tx: Transaction, event: ProgrammePlanned, envelope: Envelope) -> None:
        await keep_programme(tx, _programme(event), envelope.sequence, rules)


def _programme(event: ProgrammePlanned) -> Programme:
    return Programme(
        programme_id=event.programme_id,
        title=event.title,
        organiser=event.organiser,
        kind=event.kind,
        place=event.place.name,
        municipality=event.place.municipality,
        sessions=[
            Session(
                session_id=session.session_id,
                starts_at=session.starts_at,
                minutes=session.minutes,
                theme=session.theme,
                cancelled=session.cancelled,
                room=session.room,
                lecturer_by=session.lecturer_by,
            )
            for session in sorted(event.sessions, key=lambda session: session.starts_at)
        ],
        about=event.about,
        format=event.format,
        language=event.language,
        hosts_needed=event.hosts_needed,
        facilitators_needed=event.facilitators_needed,
        cancelled=event.cancelled,
    )
