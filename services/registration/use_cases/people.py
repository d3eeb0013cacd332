"""People behind registrations, guests and wishes: whose something is, who may see them, and what is kept about them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from motesplats_events import RegistrationStatus
from services.registration import store
from services.registration.domain.calendar import same
from services.registration.domain.guests import Guest
from services.registration.domain.people import OWN, Deed, Forgotten, Note, Person, searched
from services.registration.domain.programmes import Programme, Session
from services.registration.domain.queue import Position
from services.registration.domain.registrations import (
    LINK_PURPOSE,
    Registration,
    RegistrationNotFound,
    over,
    positions,
)
from services.registration.domain.wishes import LINK_PURPOSE as WISH_PURPOSE
from services.registration.domain.wishes import Wish, WishNotFound, position_of_wish
from services.registration.settings import Settings
from services.registration.use_cases.guests import Booked
from services.registration.use_cases.wishes import concerns, withdraw_wish
from shared.access import ALL, LinkExpired, Staff, StaffRole, read_link
from shared.delivery import Reading, Transaction
from shared.errors import Forbidden, Gone

PURPOSES = (LINK_PURPOSE, WISH_PURPOSE)


async def behind(at: Reading, ids: Iterable[str]) -> Mapping[str, tuple[Registration | Wish | Guest, Person]]:
    """What has each of these ids, a registration, a guest or a wish, and whose it is; not of who has been forgotten."""
    left = set(ids)
    found: dict[str, Registration | Wish | Guest] = {}
    for look in (store.registrations_by_id, store.guests_by_id, store.wishes_by_id):
        if left:
            found |= await look(at, left)
            left -= found.keys()
    people = await store.people(at, [one.person_id for one in found.values()])
    return {id: (one, people[one.person_id]) for id, one in found.items() if people[one.person_id].name}


async def whose(at: Reading, settings: Settings, token: str, now: datetime) -> Person:
    """Whose page a personal link leads to, whether it was sent for a registration or for a wish.

    Raises:
        Gone: the link does not work, or its time has passed.
        Forgotten: the person has been.
    """
    id = _subject(settings, token, now)
    found = await behind(at, [id])
    if id not in found:
        raise Forgotten("What this link led to has been deleted")
    return found[id][1]


def _subject(settings: Settings, token: str, now: datetime) -> str:
    for purpose in PURPOSES:
        try:
            return read_link(settings, purpose, token, now)
        except LinkExpired:
            raise
        except Gone as error:
            refused = error
    raise refused


@dataclass(frozen=True, slots=True)
class Held:
    """A registration with what it is for.

    Attributes:
        position: in the queue, where there is one.
        meeting_link: where it meets digitally, for who has a place.
    """

    registration: Registration
    programme: Programme
    position: Position | None
    meeting_link: str | None = None

    @property
    def active(self) -> bool:
        """Whether it has not been cancelled."""
        return self.registration.status is not RegistrationStatus.CANCELLED

    def over(self, now: datetime) -> bool:
        """Whether there is nothing left to cancel."""
        return over(self.registration, self.programme, now)


@dataclass(frozen=True, slots=True)
class Wished:
    """An open wish; 1 is next."""

    wish: Wish
    position: int


async def held_by(at: Reading, person_id: str, staff: Staff | None = None) -> Sequence[Held]:
    """The registrations of a person, the newest first.

    Args:
        staff: who looks; only what they may see.
    """
    found = await store.registrations_of(at, person_id)
    programmes = await store.programmes(at, [r.programme_id for r in found])
    held = []
    for registration in found:
        programme = programmes[registration.programme_id]
        if staff is not None and not staff.sees(programme):
            continue
        place = None
        if registration.status is RegistrationStatus.WAITING:
            queue = positions(await store.waiting(at, programme.programme_id))
            place = queue.get(registration.participant_id)
        has_a_place = registration.status is RegistrationStatus.CONFIRMED
        link = await store.meeting_link(at, programme.programme_id) if has_a_place else None
        held.append(Held(registration, programme, place, link))
    return held


async def wished_by(at: Reading, person_id: str) -> Sequence[Wished]:
    """The open wishes of a person, with where each stands."""
    own = [wish for wish in await store.wishes_of(at, person_id) if wish.open]
    everybodys = await store.open_wishes(at) if own else []
    return [Wished(wish, position_of_wish(wish, everybodys)) for wish in own]


def to_come(held: Sequence[Held], booked: Sequence[Booked], now: datetime) -> Sequence[tuple[Session, Programme, bool]]:
    """The sessions that somebody has before them, the next first, and whether they come as a guest.

    Args:
        held: their registrations.
        booked: where they make something up.
    """
    confirmed = [one.programme for one in held if one.registration.status is RegistrationStatus.CONFIRMED]
    found = [(s, programme, False) for programme in confirmed for s in programme.to_take_place if s.ends_at > now]
    found += [(one.session, one.programme, True) for one in booked]
    return sorted(found, key=lambda one: one[0].starts_at)


async def own_registration(at: Reading, person: Person, participant_id: str) -> Registration:
    """One of the person's registrations. Raises: RegistrationNotFound: it is none of theirs."""
    found = await store.registration(at, participant_id)
    if found.person_id != person.person_id:
        raise RegistrationNotFound("There is no such registration")
    return found


async def own_wish(at: Reading, person: Person, wish_id: str) -> Wish:
    """One of the person's wishes. Raises: WishNotFound: it is none of theirs."""
    found = await store.wish(at, wish_id)
    if found.person_id != person.person_id:
        raise WishNotFound("There is no such wish")
    return found


def _sees_everybody(staff: Staff) -> bool:
    return ALL in staff.organisers and ALL in staff.areas


async def seen(at: Reading, person_id: str, staff: Staff) -> Person:
    """A person with a registration that this member of staff may see, or who waits for something in their area.

    Raises:
        PersonNotFound.
        Forbidden: all their registrations are with others.
    """
    found = await store.person(at, person_id)
    if _sees_everybody(staff) or await held_by(at, person_id, staff) or await _waits_here(at, person_id, staff):
        return found
    raise Forbidden("This belongs to another organiser")


async def _waits_here(at: Reading, person_id: str, staff: Staff) -> bool:
    """Whether the person waits for something in an area that is this member of staff's own, and not just anywhere."""
    own = set(map(same, staff.areas))
    return any(wish.open and same(wish.municipality) in own for wish in await store.wishes_of(at, person_id))


async def withdraw_wish_for(tx: Transaction, person_id: str, wish_id: str, staff: Staff, zone: ZoneInfo) -> None:
    """End a wish for somebody who has called.

    Raises:
        PersonNotFound, WishNotFound.
        Forbidden: it is for another area.
        Gone: it has been met or withdrawn.
    """
    wish = await own_wish(tx, await seen(tx, person_id, staff), wish_id)
    if not concerns(staff, wish.municipality):
        raise Forbidden("This belongs to another organiser")
    await withdraw_wish(tx, wish_id, zone)
    await note(tx, person_id, Deed.WISH_WITHDRAWN, staff)


async def search(at: Reading, typed: str, staff: Staff) -> Sequence[tuple[Person, int]]:
    """People whose name or contact begins so, with how many registrations of theirs this member of staff sees."""
    beginnings = searched(typed)
    if not beginnings:
        return []
    people = await store.people_found(at, beginnings)
    registrations = await store.registrations_of_all(at, [person.person_id for person in people])
    programmes = await store.programmes(at, list({r.programme_id for r in registrations}))
    seen = dict.fromkeys((person.person_id for person in people), 0)
    for registration in registrations:
        seen[registration.person_id] += staff.sees(programmes[registration.programme_id])
    return [
        (one, seen[one.person_id])
        for one in people
        if seen[one.person_id] or _sees_everybody(staff) or await _waits_here(at, one.person_id, staff)
    ]


def may_audit(staff: Staff) -> None:
    """Let pass only who looks after what others do. Raises: Forbidden."""
    if staff.role is StaffRole.COORDINATOR:
        raise Forbidden("This is for auditors")


async def note(tx: Transaction, person_id: str, deed: Deed, by: Staff | None, why: str = "", own: str = OWN) -> None:
    """Keep who did what with a person's details.

    Args:
        by: None when it was no member of staff: then `own` says who.
    """
    places = {(one.programme.organiser, one.programme.municipality) for one in await held_by(tx, person_id)}
    unit = ", ".join(by.organisers) if by and ALL not in by.organisers else ""
    kept = Note(str(uuid4()), person_id, tx.now, deed, by.name if by else own, unit, why, sorted(places))
    await store.add_note(tx, kept)
