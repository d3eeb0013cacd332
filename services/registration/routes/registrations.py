"""Registering, leaving, offers and applications."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.registration import store
from services.registration.domain.registrations import LINK_PURPOSE, counted, positions
from services.registration.domain.wishes import LINK_PURPOSE as WISH_PURPOSE
from services.registration.domain.wishes import position_of_wish
from services.registration.routes.shapes import (
    LinkIn,
    OfferAnswerByLinkIn,
    OfferAnswerIn,
    Received,
    RegistrationOut,
    RegistrationsOut,
    WishOut,
)
from services.registration.settings import Settings
from services.registration.use_cases import details, places, registering, wishes
from services.registration.use_cases.at_once import Register
from shared.access import Staff, may, read_link, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class ByTelephoneIn(registering.WithKnownUnit):
    """A registration that staff make.

    Attributes:
        protected: the identity is protected.
    """

    protected: bool = False


def router(delivery: Delivery, settings: Settings, register_at_once: Register) -> APIRouter:
    """Routes about who comes."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    async def mine(programme_id: str, staff: Staff) -> None:
        may(staff, await store.programme(reading, programme_id))

    async def answer_offer(participant_id: str, accept: bool) -> dict[str, str]:
        programme_id = (await store.registration(reading, participant_id)).programme_id
        if accept:
            await delivery.transact(lambda tx: places.accept_offer(tx, participant_id, zone), key=programme_id)
            return {"status": "accepted"}
        await delivery.transact(lambda tx: places.decline_offer(tx, participant_id, zone), key=programme_id)
        return {"status": "declined"}

    @api.post("/programmes/{programme_id}/registrations", status_code=202)
    async def register(programme_id: str, application: registering.Application) -> Received:
        """Register. Whether there was a place is told in the message that follows, and to nobody else."""
        await register_at_once(programme_id, application)
        return Received()

    @api.post("/programmes/{programme_id}/registrations/by-telephone", status_code=201)
    async def register_for(programme_id: str, wanted: ByTelephoneIn, staff: SignedIn) -> dict[str, str]:
        """Register somebody who has called, at once with a protected identity where there is one."""
        made = await delivery.transact(
            lambda tx: details.register_for(tx, programme_id, wanted, wanted.protected, staff, zone), key=programme_id
        )
        return {"participant_id": made.participant_id, "status": made.status}

    @api.get("/programmes/{programme_id}/registrations")
    async def registrations(programme_id: str, staff: SignedIn) -> RegistrationsOut:
        """Who has registered, for staff."""
        await mine(programme_id, staff)
        found = await store.registrations(reading, programme_id)
        people = await store.people(reading, [r.person_id for r in found])
        queue = positions(found)
        return RegistrationsOut(
            counts=counted(found),
            registrations=[RegistrationOut.of(r, people[r.person_id], queue.get(r.participant_id)) for r in found],
        )

    @api.post("/cancellations")
    async def cancel_by_link(link: LinkIn) -> dict[str, str]:
        """Cancel with a personal link. 410 when it was used, has expired or was never given out."""
        participant_id = read_link(settings, LINK_PURPOSE, link.token, now())
        programme_id = (await store.registration(reading, participant_id)).programme_id
        await delivery.transact(lambda tx: registering.cancel_registration(tx, participant_id, zone), key=programme_id)
        return {"status": "cancelled"}

    @api.post("/programmes/{programme_id}/registrations/{participant_id}/cancellation")
    async def cancel(programme_id: str, participant_id: str, staff: SignedIn) -> dict[str, str]:
        """Cancel for somebody who called."""
        await mine(programme_id, staff)
        await delivery.transact(
            lambda tx: registering.cancel_registration(tx, participant_id, zone, programme_id=programme_id),
            key=programme_id,
        )
        return {"status": "cancelled"}

    @api.post("/offers")
    async def answer_by_link(answer: OfferAnswerByLinkIn) -> dict[str, str]:
        """Say yes or no to an offered place with a personal link. 410 when its time has passed."""
        return await answer_offer(read_link(settings, LINK_PURPOSE, answer.token, now()), answer.accept)

    @api.post("/programmes/{programme_id}/registrations/{participant_id}/offer")
    async def answer_on_the_phone(
        programme_id: str, participant_id: str, answer: OfferAnswerIn, staff: SignedIn
    ) -> dict[str, str]:
        """Say yes or no for somebody who called."""
        await mine(programme_id, staff)
        await store.registration_in(reading, programme_id, participant_id)
        return await answer_offer(participant_id, answer.accept)

    @api.post("/programmes/{programme_id}/registrations/{participant_id}/answer")
    async def answer_application(
        programme_id: str, participant_id: str, answer: registering.Answer, staff: SignedIn
    ) -> dict[str, str]:
        """Accept or decline an application to a standing call; the applicant is told, in these words."""
        after = await delivery.transact(
            lambda tx: registering.answer_application(tx, programme_id, participant_id, answer, staff, zone),
            key=programme_id,
        )
        return {"status": after.status}

    @api.post("/programmes/{programme_id}/one-more")
    async def one_more(programme_id: str, staff: SignedIn) -> dict[str, str]:
        """Take the next in the queue into a group, above its optimum but never above its places."""
        after = await delivery.transact(
            lambda tx: places.take_in_one_more(tx, programme_id, staff, zone), key=programme_id
        )
        return {"participant_id": after.participant_id, "status": after.status}

    @api.post("/wishes", status_code=202)
    async def wish(wishing: wishes.Wishing) -> Received:
        """Wait for any programme of a sort, such as a learning café on heart failure in Jönköping."""
        await delivery.transact(lambda tx: wishes.make_wish(tx, wishing, zone), key="wishes")
        return Received()

    @api.post("/wishes/withdrawal")
    async def withdraw(link: LinkIn) -> dict[str, str]:
        """Withdraw a wish with a personal link."""
        wish_id = read_link(settings, WISH_PURPOSE, link.token, now())
        await delivery.transact(lambda tx: wishes.withdraw_wish(tx, wish_id, zone), key="wishes")
        return {"status": "withdrawn"}

    @api.get("/wishes")
    async def wished(staff: SignedIn) -> list[WishOut]:
        """What people wait for where one may see it, or anywhere; without who."""
        found = await store.open_wishes(reading)
        return [
            WishOut(
                wish_id=w.wish_id,
                kind=w.kind,
                about=w.about,
                municipality=w.municipality,
                role=w.role,
                position=position_of_wish(w, found),
                offered=w.offered is not None,
            )
            for w in found
            if wishes.concerns(staff, w.municipality)
        ]

    return api
