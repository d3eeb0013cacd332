"""Waiting for any programme of a sort."""

from dataclasses import replace
from typing import Annotated, Literal
from uuid import uuid4
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, field_validator

from motesplats_events import CancellationReason, ParticipantContactChanged, RegistrationStatus, Role
from services.registration import publishes, store
from services.registration.domain.calendar import same
from services.registration.domain.kinds import ProgrammeKind
from services.registration.domain.wishes import Wish, check_wish, folded, position_of_wish
from services.registration.use_cases.places import end_offer, meet_wish, save_wish
from services.registration.use_cases.registering import known_person
from shared.access import ALL, Staff
from shared.contact import read_contact
from shared.delivery import Transaction
from shared.errors import DomainError, Gone
from shared.text import Email, Line, Paragraph


class Wishing(BaseModel):
    """What somebody writes who waits for any programme of a sort.

    Attributes:
        about: the theme or diagnosis; empty for any.
        municipality: empty for any.
        consent: that the personal data may be used for this; must be given.
    """

    kind: ProgrammeKind
    about: Line | Literal[""] = ""
    municipality: Line | Literal[""] = ""
    role: Role
    name: Line
    email: Email = ""
    phone: Annotated[str, Field(max_length=254)] = ""
    address: Paragraph = ""
    language: Literal["sv", "da", "en"] = "sv"
    consent: bool

    @field_validator("consent")
    @classmethod
    def _given(cls, value: bool) -> bool:
        if not value:
            raise DomainError("Tick the box when you have read how your details are used", field="consent")
        return value


async def make_wish(tx: Transaction, wishing: Wishing, zone: ZoneInfo) -> Wish:
    """Put somebody in line for any programme of a sort, and offer a place that is free now.

    The same wish of the same person changes nothing and is not told apart.

    Raises:
        DomainError: it says neither what nor where, or the contact is none.
    """
    check_wish(wishing.kind, wishing.about, wishing.municipality)
    person = await known_person(tx, wishing.name, read_contact(wishing.email, wishing.phone, wishing.address))
    others = await store.open_wishes(tx, wishing.kind)
    for other in others:
        theirs = (other.person_id, other.role, folded(other.sort))
        if theirs == (person.person_id, wishing.role, folded((wishing.kind, wishing.about, wishing.municipality))):
            return other
    wish = Wish(
        wish_id=str(uuid4()),
        person_id=person.person_id,
        kind=wishing.kind,
        about=wishing.about,
        municipality=wishing.municipality,
        role=wishing.role,
        language=wishing.language,
        ticket=await store.next_wish_ticket(tx),
    )
    await store.add_wish(tx, wish)
    tx.publish(publishes.wish_changed(wish, position_of_wish(wish, others)), sequence=wish.version)
    tx.publish_current(ParticipantContactChanged, wish.wish_id, sequence=wish.contact_version)
    await meet_wish(tx, wish.wish_id, zone)
    return wish


def concerns(staff: Staff, municipality: str) -> bool:
    """Whether what is waited for there is for this member of staff to see; what may be anywhere is everybody's."""
    return not municipality or ALL in staff.areas or same(municipality) in map(same, staff.areas)


async def withdraw_wish(tx: Transaction, wish_id: str, zone: ZoneInfo) -> None:
    """End a wish; a place that was offered for it goes to the next.

    Raises:
        WishNotFound.
        Gone: it has been met or withdrawn.
    """
    wish = await store.wish(tx, wish_id)
    if not wish.open:
        raise Gone("This wish has been met or withdrawn")
    held = await store.registration(tx, wish.offered) if wish.offered else None
    if held and held.status is RegistrationStatus.OFFERED:
        # Closed first, so that the place is not offered to the same wish again.
        await store.save_wish(tx, replace(wish, open=False, version=wish.version + 1))
        await end_offer(tx, held, zone, CancellationReason.OFFER_DECLINED)
        return
    await save_wish(tx, replace(wish, open=False, offered=None))
