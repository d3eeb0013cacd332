"""The registration service, wired."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from motesplats_events import Event, MeetingLinkChanged, ParticipantContactChanged
from services.registration import consumes, pages, publishes, routes, store
from services.registration.settings import Settings
from services.registration.use_cases import due, people
from services.registration.use_cases.at_once import at_once
from shared.delivery import Delivery, Reading
from shared.service import Service
from shared.web import Pages


def build(settings: Settings) -> Service:
    """Wire the service; nothing connects before it runs."""
    delivery = Delivery("registration", settings)
    consumes.subscribe(delivery)

    register = at_once(delivery, settings)

    async def contacts(at: Reading, ids: Sequence[str]) -> Mapping[str, Event]:
        # Whoever has been forgotten is missing, and so erased where the contact was kept too.
        return {id: publishes.contact_changed(*found) for id, found in (await people.behind(at, ids)).items()}

    async def do_what_is_due() -> None:
        await due.do_what_is_due(delivery, settings)

    async def meeting_links(at: Reading, ids: Sequence[str]) -> Mapping[str, Event]:
        return {id: MeetingLinkChanged(programme_id=id, url=await store.meeting_link(at, id)) for id in ids}

    delivery.current(ParticipantContactChanged, contacts)
    delivery.current(MeetingLinkChanged, meeting_links)
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
