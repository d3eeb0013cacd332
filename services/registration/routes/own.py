"""What somebody does with a personal link: all of theirs, whichever registration or wish the link was sent for."""

from fastapi import APIRouter

from services.registration import store
from services.registration.domain.people import LifeEvent
from services.registration.routes.shapes import LinkIn
from services.registration.settings import Settings
from services.registration.use_cases import details, forgetting, people
from services.registration.use_cases.own_data import OwnData, kept_about
from shared.delivery import Delivery


class OwnDetails(details.Details, LinkIn):
    """Details put right by the person."""


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """Routes under /my; the link is in the body, so that it stands in no address."""
    api = APIRouter(prefix="/my")
    reading = delivery.reading
    now = delivery.clock.now

    async def whose(token: str) -> str:
        return (await people.whose(reading, settings, token, now())).person_id

    async def kept(person_id: str) -> OwnData:
        return await kept_about(reading, await store.person(reading, person_id))

    @api.post("")
    async def mine(link: LinkIn) -> OwnData:
        """Everything that is kept about the person."""
        return await kept(await whose(link.token))

    @api.put("/details")
    async def correct(wanted: OwnDetails) -> OwnData:
        """Put name, contact, language and reminders right. 409 when somebody else has the name and contact."""
        person_id = await whose(wanted.token)
        await delivery.transact(lambda tx: details.correct(tx, person_id, wanted, None), key=person_id)
        return await kept(person_id)

    @api.post("/pause")
    async def pause(link: LinkIn) -> OwnData:
        """Stop all messages."""
        person_id = await whose(link.token)
        await delivery.transact(
            lambda tx: details.set_life_event(tx, person_id, LifeEvent.PAUSED, None, settings.zone), key=person_id
        )
        return await kept(person_id)

    @api.post("/pause/end")
    async def take_back(link: LinkIn) -> OwnData:
        """Let messages be sent again."""
        person_id = await whose(link.token)
        await delivery.transact(
            lambda tx: details.set_life_event(tx, person_id, None, None, settings.zone), key=person_id
        )
        return await kept(person_id)

    @api.post("/erasure")
    async def forget(link: LinkIn) -> dict[str, str]:
        """Forget the person. This cannot be undone; the link does not work afterwards."""
        person_id = await whose(link.token)
        await delivery.transact(lambda tx: forgetting.forget(tx, person_id, None, settings.zone), key=person_id)
        return {"status": "forgotten"}

    return api
