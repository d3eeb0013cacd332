"""The registration service, wired."""

from pathlib import Path

from motesplats_events import Event, ParticipantContactChanged
from services.registration import consumes, pages, publishes, routes, store
from services.registration.settings import Settings
from shared.delivery import Delivery, Reading
from shared.service import Service
from shared.web import Pages


def build(settings: Settings) -> Service:
    """Wire the service; nothing connects before it runs."""
    delivery = Delivery("registration", settings)
    consumes.subscribe(delivery)

    async def contact(at: Reading, participant_id: str) -> Event | None:
        return publishes.participant_contact_changed(await store.registration(at, participant_id))

    delivery.current(ParticipantContactChanged, contact)
    return Service(
        name="registration",
        delivery=delivery,
        routers=[
            routes.router(delivery, settings),
            pages.router(delivery, settings, Pages(Path(__file__).parent, settings)),
        ],
        indexes=store.indexes,
        folder=Path(__file__).parent,
    )
