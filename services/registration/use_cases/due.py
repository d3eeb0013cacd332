"""What falls due without anybody asking: offers that nobody answered, places that go to another role, forgetting."""

import asyncio
from contextlib import suppress
from functools import partial

from services.registration import store
from services.registration.domain.people import PersonNotFound
from services.registration.settings import Settings
from services.registration.use_cases.forgetting import forget_in_time
from services.registration.use_cases.guests import settle_guests
from services.registration.use_cases.places import expire_offer, give_free_places, release_places, somebody_fits
from shared.delivery import Delivery

PAUSE_SECONDS = 5.0
MOST_PEOPLE = 200


async def do_what_is_due(delivery: Delivery, settings: Settings) -> None:
    """Look every few seconds, for as long as the service runs."""
    while True:
        await once(delivery, settings)
        await asyncio.sleep(PAUSE_SECONDS)


async def once(delivery: Delivery, settings: Settings) -> None:
    """Do what is due now; replicas may do it at the same time."""
    at, now, zone = delivery.reading, delivery.clock.now(), settings.zone
    for offer in await store.expired_offers(at, now):
        expire = partial(expire_offer, participant_id=offer.participant_id, zone=zone)
        await delivery.transact(expire, key=offer.programme_id)
    for programme_id in await store.programmes_with_a_release(at, now):
        release = partial(release_places, programme_id=programme_id, zone=zone)
        await delivery.transact(release, key=programme_id)
    for programme_id in await store.programmes_with_guests_gone(at, now):
        settle = partial(settle_guests, programme_id=programme_id, zone=zone)
        await delivery.transact(settle, key=programme_id)
    for programme in await store.programmes_to_give_on(at, now):
        # A place may have become free while nobody could come in, or by a process that ended before it was given on.
        if any(map(programme.free, programme.places)) and await somebody_fits(at, programme, now, zone):
            give = partial(give_free_places, programme_id=programme.programme_id, zone=zone)
            await delivery.transact(give, key=programme.programme_id)
    for person_id in await store.people_to_look_at(at, now, MOST_PEOPLE):
        forget = partial(forget_in_time, person_id=person_id, months=settings.retention_months, zone=zone)
        with suppress(PersonNotFound):
            await delivery.transact(forget, key=person_id)
