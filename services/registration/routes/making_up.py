"""Making up a missed theme elsewhere, by staff and by the person's own link."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel

from services.registration import store
from services.registration.domain.guests import Guest
from services.registration.domain.programmes import Programme, Session
from services.registration.domain.registrations import LINK_PURPOSE
from services.registration.settings import Settings
from services.registration.use_cases import guests
from services.registration.use_cases.guests import Missed
from shared.access import Staff, may, read_link, staff
from shared.delivery import Delivery

SignedIn = Annotated[Staff, Depends(staff)]


class ChanceOut(BaseModel):
    """A session at which a missed theme can be made up."""

    programme_id: str
    title: str
    session_id: str
    at: AwareDatetime
    place: str
    municipality: str

    @classmethod
    def of(cls, programme: Programme, session: Session) -> "ChanceOut":
        """As it now stands."""
        return cls(
            programme_id=programme.programme_id,
            title=programme.title,
            session_id=session.session_id,
            at=session.starts_at,
            place=session.room or programme.place,
            municipality=session.room_municipality or programme.municipality,
        )


class MissedOut(BaseModel):
    """What somebody missed, and how it can be made up.

    Attributes:
        guest_id: of the session that is booked for it.
    """

    session_id: str
    theme: str
    at: AwareDatetime
    guest_id: str | None
    booked: ChanceOut | None
    chances: list[ChanceOut]

    @classmethod
    def of(cls, missed: Missed) -> "MissedOut":
        """As it now stands."""
        booked = missed.booked
        return cls(
            session_id=missed.session.session_id,
            theme=missed.session.theme,
            at=missed.session.starts_at,
            guest_id=booked.guest.guest_id if booked else None,
            booked=ChanceOut.of(booked.programme, booked.session) if booked else None,
            chances=[ChanceOut.of(programme, session) for programme, session in missed.chances],
        )


class GuestIn(BaseModel):
    """A session to make up a missed one."""

    missed_session_id: str
    session_id: str


class GuestByLinkIn(GuestIn):
    """The same, by the one who missed it."""

    token: str


class GuestOut(BaseModel):
    """A booking for one session."""

    guest_id: str
    programme_id: str
    session_id: str

    @classmethod
    def of(cls, guest: Guest) -> "GuestOut":
        """As it now stands."""
        return cls(guest_id=guest.guest_id, programme_id=guest.programme_id, session_id=guest.session_id)


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """Routes about guests."""
    api = APIRouter()
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    async def book(participant_id: str, wanted: GuestIn, staff: Staff | None) -> GuestOut:
        programme_id = (await store.programme_of_session(reading, wanted.session_id)).programme_id
        return GuestOut.of(
            await delivery.transact(
                lambda tx: guests.book_guest(
                    tx, participant_id, wanted.missed_session_id, wanted.session_id, staff=staff
                ),
                key=programme_id,
            )
        )

    @api.get("/programmes/{programme_id}/registrations/{participant_id}/missed")
    async def missed(programme_id: str, participant_id: str, staff: SignedIn) -> list[MissedOut]:
        """What somebody missed, and where it can be made up."""
        may(staff, await store.programme(reading, programme_id))
        registration = await store.registration_in(reading, programme_id, participant_id)
        return [MissedOut.of(one) for one in await guests.what_was_missed(reading, registration, now())]

    @api.post("/programmes/{programme_id}/registrations/{participant_id}/guest", status_code=201)
    async def book_for(programme_id: str, participant_id: str, wanted: GuestIn, staff: SignedIn) -> GuestOut:
        """Book a session for somebody to make up a missed one."""
        may(staff, await store.programme(reading, programme_id))
        await store.registration_in(reading, programme_id, participant_id)
        return await book(participant_id, wanted, staff)

    @api.get("/programmes/{programme_id}/registrations/{participant_id}/guest")
    async def booked(programme_id: str, participant_id: str, staff: SignedIn) -> list[GuestOut]:
        """What somebody has booked and is still to come, also where nothing is missed any more."""
        may(staff, await store.programme(reading, programme_id))
        await store.registration_in(reading, programme_id, participant_id)
        found = await guests.booked(reading, await store.guests_from(reading, participant_id), now())
        return [GuestOut.of(one.guest) for one in found]

    @api.delete("/programmes/{programme_id}/registrations/{participant_id}/guest/{guest_id}", status_code=204)
    async def give_up(programme_id: str, participant_id: str, guest_id: str, staff: SignedIn) -> None:
        """Give up what was booked, before it begins."""
        may(staff, await store.programme(reading, programme_id))
        await store.registration_in(reading, programme_id, participant_id)
        there = (await store.guest(reading, guest_id)).programme_id
        await delivery.transact(
            lambda tx: guests.cancel_guest(tx, participant_id, guest_id, zone, staff=staff), key=there
        )

    @api.post("/guests", status_code=201)
    async def book_oneself(wanted: GuestByLinkIn) -> GuestOut:
        """Book a session to make up a missed one, by the personal link."""
        return await book(read_link(settings, LINK_PURPOSE, wanted.token, now()), wanted, None)

    return api
