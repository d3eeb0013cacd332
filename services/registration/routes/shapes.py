"""What the JSON API takes and gives, where that is not what a use case takes."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from motesplats_events import Format, RegistrationStatus, Role, Source
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.people import Person
from services.registration.domain.programmes import Programme, Room
from services.registration.domain.queue import Position
from services.registration.domain.recurrence import Country
from services.registration.domain.registrations import Registration
from services.registration.domain.wishes import Proposal


class SessionOut(BaseModel):
    """One session."""

    session_id: str
    at: AwareDatetime
    minutes: int
    theme: str
    room: str | None
    room_municipality: str | None
    cancelled: bool


class PlacesOut(BaseModel):
    """How many places a role has, and whether any are left."""

    places: int
    room: Room


class ProgrammeOut(BaseModel):
    """A programme as everybody may see it."""

    programme_id: str
    title: str
    organiser: str
    kind: ProgrammeKind
    about: str
    format: Format
    language: str
    place: str
    municipality: str
    sessions: list[SessionOut]
    roles: dict[Role, PlacesOut]
    open: bool
    cancelled: bool

    @classmethod
    def of(cls, programme: Programme, open: bool) -> "ProgrammeOut":
        """As it now stands."""
        return cls(
            programme_id=programme.programme_id,
            title=programme.title,
            organiser=programme.organiser,
            kind=programme.kind,
            about=programme.about,
            format=programme.format,
            language=programme.language,
            place=programme.place,
            municipality=programme.municipality,
            sessions=[
                SessionOut(
                    session_id=s.session_id,
                    at=s.starts_at,
                    minutes=s.minutes,
                    theme=s.theme,
                    room=s.room,
                    room_municipality=s.room_municipality,
                    cancelled=s.cancelled,
                )
                for s in programme.sessions
            ],
            roles={role: PlacesOut(places=n, room=programme.room(role)) for role, n in programme.places.items() if n},
            open=open,
            cancelled=programme.cancelled,
        )


class RegistrationOut(BaseModel):
    """A registration as staff see it.

    Attributes:
        name: None of a protected identity or of somebody who was forgotten, and so with how to reach the person.
        position: place in the queue; None without one.
        ahead: how many before wait for a place of the same role; None outside the queue.
        answer_by: of an offer.
        pair_id: the same for two who come together.
        repeated: how often the same person sent the form again.
    """

    participant_id: str
    name: str | None
    role: Role
    status: RegistrationStatus
    position: int | None
    ahead: int | None
    answer_by: AwareDatetime | None
    pair_id: str | None
    email: str | None
    phone: str | None
    address: str | None
    language: str
    source: Source
    referred_by: str | None
    starts_on: date | None
    ended_on: date | None
    repeated: int
    registered_at: AwareDatetime

    @classmethod
    def of(cls, r: Registration, person: Person, place: Position | None) -> "RegistrationOut":
        """As it now stands."""
        shown = person.listed
        return cls(
            participant_id=r.participant_id,
            name=person.name if shown else None,
            role=r.role,
            status=r.status,
            position=place.number if place else None,
            ahead=place.ahead if place else None,
            answer_by=r.answer_by,
            pair_id=r.pair_id,
            email=person.contact.email if shown else None,
            phone=person.contact.phone if shown else None,
            address=person.contact.address if shown else None,
            language=r.language,
            source=r.source,
            referred_by=r.referred_by,
            starts_on=r.starts_on,
            ended_on=r.ended_on,
            repeated=r.repeated,
            registered_at=r.registered_at,
        )


class RegistrationsOut(BaseModel):
    """A programme's registrations in the order they were made."""

    counts: dict[RegistrationStatus, int]
    registrations: list[RegistrationOut]


class Received(BaseModel):
    """The same answer whether or not the person was registered before."""

    status: Literal["received"] = "received"


class LinkIn(BaseModel):
    """The last part of a personal link."""

    token: str


class OfferAnswerIn(BaseModel):
    """Yes or no to a place that is held."""

    accept: bool


class OfferAnswerByLinkIn(OfferAnswerIn, LinkIn):
    """Yes or no to a place that is held, by the one it is held for."""


class CarryOverIn(BaseModel):
    """Where those who wait are to be offered places."""

    to: str


class CarriedOver(BaseModel):
    """How many were offered a place, or wait there now."""

    people: int


class WishOut(BaseModel):
    """A wish as staff see it."""

    wish_id: str
    kind: ProgrammeKind
    about: str
    municipality: str
    role: Role
    position: int
    offered: bool


class ProposalOut(BaseModel):
    """Enough people wait to begin a new group.

    Attributes:
        like: id of the programme that most of them wait for, to copy.
    """

    kind: ProgrammeKind
    about: str
    municipality: str
    like: str | None
    title: str | None
    waiting: int
    needed: int

    @classmethod
    def of(cls, proposal: Proposal) -> "ProposalOut":
        """As the coordinator is shown it."""
        return cls(
            kind=proposal.kind,
            about=proposal.about,
            municipality=proposal.municipality,
            like=proposal.like.programme_id if proposal.like else None,
            title=proposal.like.title if proposal.like else None,
            waiting=proposal.waiting,
            needed=proposal.needed,
        )


class RuleIn(BaseModel):
    """A rule for dates.

    Attributes:
        first: where it begins; sessions are at its time of day, in the platform's zone.
        rule: RFC 5545, with COUNT or UNTIL: `FREQ=WEEKLY;INTERVAL=2;COUNT=10`.
        without_holidays_of: whose public holidays are left out.
    """

    first: AwareDatetime
    rule: str
    without_holidays_of: Country | None = None


class LeftOut(BaseModel):
    """A date of the rule on which a holiday falls."""

    on: date
    holiday: str


class DatesOut(BaseModel):
    """What a rule gives, before anything is planned."""

    at: list[AwareDatetime]
    left_out: list[LeftOut]


class ClockIO(BaseModel):
    """The platform's time."""

    now: AwareDatetime
