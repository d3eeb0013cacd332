"""The registration service, wired."""

from pathlib import Path

from motesplats_events import Event, MeetingLinkChanged, ParticipantContactChanged
from services.registration import consumes, pages, publishes, routes, store
from services.registration.settings import Settings
from services.registration.use_cases import due, people
from services.registration.use_cases.at_once import at_once
from shared.delivery import Delivery, Reading
from shared.errors import NotFound
from shared.service import Service
from shared.web import Pages


def build(settings: Settings) -> Service:
    """Wire the service; nothing connects before it runs."""
    delivery = Delivery("registration", settings)
    consumes.subscribe(delivery)

    register = at_once(delivery, settings)

    async def contact(at: Reading, id: str) -> Event | None:
        try:
            return publishes.contact_changed(*await people.behind(at, id))
        except NotFound:
            # Whoever has been forgotten is erased where the contact was kept too.
            return None

    async def do_what_is_due() -> None:
        await due.do_what_is_due(delivery, settings)

    async def meeting_link(at: Reading, programme_id: str) -> Event | None:
        return MeetingLinkChanged(programme_id=programme_id, url=await store.meeting_link(at, programme_id))

    delivery.current(ParticipantContactChanged, contact)
    delivery.current(MeetingLinkChanged, meeting_link)
    return Service(
        name="registration",
        delivery=delivery,
        routers=[
            routes.router(delivery, settings, register),
            pages.router(delivery, settings, Pages(Path(__file__).parent, settings), register),
        ],
        indexes=store.indexes,
        tasks=[do_what_is_due],
        folder=Path(__file__).parent,
    )
