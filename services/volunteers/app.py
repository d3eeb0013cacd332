"""The volunteers service, wired."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from motesplats_events import Event, VolunteerContactChanged
from services.volunteers import consumes, pages, publishes, routes, store
from services.volunteers.settings import Settings
from services.volunteers.use_cases import due
from shared.delivery import Delivery, Reading
from shared.service import Service
from shared.web import Pages


def build(settings: Settings) -> Service:
    """Wire the service; nothing connects before it runs."""
    delivery = Delivery("volunteers", settings)
    consumes.subscribe(delivery, settings.rules)

    async def contacts(at: Reading, ids: Sequence[str]) -> Mapping[str, Event | None]:
        return {id: publishes.volunteer_contact_changed(await store.volunteer(at, id)) for id in ids}

    delivery.current(VolunteerContactChanged, contacts)

    async def do_what_is_due() -> None:
        await due.do_what_is_due(delivery, settings)

    return Service(
        name="volunteers",
        delivery=delivery,
        routers=[
            routes.router(delivery, settings),
            pages.router(delivery, settings, Pages(Path(__file__).parent, settings)),
        ],
        indexes=store.indexes,
        folder=Path(__file__).parent,
        tasks=[do_what_is_due],
    )
