"""What falls due without anybody asking: offers that nobody answered, and forgetting."""

import asyncio
from contextlib import suppress
from functools import partial

from dateutil.relativedelta import relativedelta

from services.volunteers import store
from services.volunteers.domain.requests import forgotten
from services.volunteers.domain.volunteers import VolunteerNotFound, VolunteerStatus
from services.volunteers.settings import Settings
from services.volunteers.use_cases.assignments import let_expire
from shared.delivery import Delivery, Transaction
from shared.errors import Conflict


async def do_what_is_due(delivery: Delivery, settings: Settings) -> None:
    """Look every so often, for as long as the service runs."""
    while True:
        await once(delivery, settings)
        await asyncio.sleep(settings.pause)


async def once(delivery: Delivery, settings: Settings) -> None:
    """Do what is due now; replicas may do it at the same time."""
    at, now = delivery.reading, delivery.clock.now()
    for assignment_id in await store.unanswered(at, now):
        expire = partial(let_expire, assignment_id=assignment_id, rules=settings.rules)
        await delivery.transact(expire, key=assignment_id)
    before = now - relativedelta(months=settings.retention_months)
    # Another replica may be first.
    for request_id in await store.requests_from_before(at, before):
        with suppress(Conflict):
            await delivery.transact(partial(forget_unit, request_id=request_id), key=request_id)
    for volunteer_id in await store.applications_from_before(at, before):
        with suppress(VolunteerNotFound):
            await delivery.transact(partial(forget_application, volunteer_id=volunteer_id), key=volunteer_id)


async def forget_unit(tx: Transaction, request_id: str) -> None:
    """Forget who asked for a unit; what was asked and done stays."""
    await store.save_request(tx, forgotten(await store.request(tx, request_id)))


async def forget_application(tx: Transaction, volunteer_id: str) -> None:
    """Delete an application that nobody answered."""
    if (await store.volunteer(tx, volunteer_id)).status is VolunteerStatus.APPLIED:
        await store.drop_volunteer(tx, volunteer_id)
