"""Who may do what: staff sessions, one-time sign-in links and personal links.

Everything is signed with the deployment's secret key. A signature of one purpose is worthless for another.
Personal links end at a platform time; staff sessions end at a real time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from fastapi import Request
from itsdangerous import BadData, URLSafeSerializer

from shared.errors import Forbidden, Gone, SignInNeeded
from shared.settings import Settings

STAFF_COOKIE = "motesplats_staff"
STAFF_HOURS = 12
ALL = "*"


class StaffRole(StrEnum):
    """What somebody on the staff may do."""

    COORDINATOR = "coordinator"
    REGION_ADMIN = "region_admin"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who has signed in.

    Attributes:
        name: shown in the header, and noted with what they do to parked events.
        role: see `StaffRole`.
        organisers: whose programmes they see; `("*",)` means all.
        areas: the municipalities in which they see them; `("*",)` means all.
    """

    name: str
    role: StaffRole
    organisers: tuple[str, ...]
    areas: tuple[str, ...] = (ALL,)

    def sees(self, thing: "Scoped") -> bool:
        """Whether this organiser's thing in this municipality is theirs."""
        return (ALL in self.organisers or thing.organiser in self.organisers) and self.sees_area(thing.municipality)

    def sees_area(self, municipality: str) -> bool:
        """Whether this municipality is theirs."""
        return ALL in self.areas or municipality in self.areas

    def must_operate(self) -> None:
        """Let pass only who is responsible for all organisers.

        Raises:
            Forbidden: an event belongs to no organiser, so that who sees one only cannot decide about it.
        """
        if ALL not in self.organisers or ALL not in self.areas:
            raise Forbidden("This is for those who run the whole platform")


class LinkExpired(Gone):
    """A personal link that was good until its time had passed."""


class Scoped(Protocol):
    """Something that belongs to an organiser and lies in a municipality, such as a programme."""

    @property
    def organiser(self) -> str:
        """Whose it is."""

    @property
    def municipality(self) -> str:
        """Where it is."""


def _serializer(settings: Settings, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret_key.get_secret_value(), salt=f"motesplats.{purpose}")


def link_token(settings: Settings, purpose: str, subject: str, expires: datetime) -> str:
    """A token for one purpose and one subject, until `expires` (platform time)."""
    return str(_serializer(settings, f"link.{purpose}").dumps([subject, int(expires.timestamp())]))


def read_link(settings: Settings, purpose: str, token: str, now: datetime) -> str:
    """The subject of a personal link.

    Raises:
        LinkExpired: its time has passed.
        Gone: the token is forged, or of another purpose.
    """
    try:
        subject, expires = _serializer(settings, f"link.{purpose}").loads(token)
    except (BadData, ValueError, TypeError):
        raise Gone("This link does not work. Check that you copied all of it") from None
    if now.timestamp() > expires:
        raise LinkExpired("This link has expired")
    return str(subject)


def staff_token(
    settings: Settings, staff: Staff, *, purpose: str = "staff", hours: float = STAFF_HOURS, id: str = ""
) -> str:
    """A signed staff identity for a cookie or an `Authorization: Bearer` header, valid for `hours` of real time."""
    expires = datetime.now(UTC) + timedelta(hours=hours)
    content = [
        staff.name,
        staff.role.value,
        list(staff.organisers),
        list(staff.areas),
        int(expires.timestamp()),
        id,
    ]
    return str(_serializer(settings, purpose).dumps(content))


def read_staff_token(settings: Settings, token: str, *, purpose: str = "staff") -> tuple[Staff, str]:
    """The identity and the token's own id.

    Raises:
        SignInNeeded: forged, or expired.
    """
    try:
        name, role, organisers, areas, expires, id = _serializer(settings, purpose).loads(token)
        staff = Staff(str(name), StaffRole(role), tuple(map(str, organisers)), tuple(map(str, areas)))
    except (BadData, ValueError, TypeError):
        raise SignInNeeded("Please sign in") from None
    if datetime.now(UTC).timestamp() > expires:
        raise SignInNeeded("Your session has ended. Please sign in again")
    return staff, str(id)


def present_staff(request: Request) -> Staff | None:
    """Who is signed in, or None. For headers and menus; a route that needs staff uses `staff`."""
    settings: Settings = request.app.state.settings
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else request.cookies.get(STAFF_COOKIE, "")
    if not token:
        return None
    try:
        return read_staff_token(settings, token)[0]
    except SignInNeeded:
        return None


def staff(request: Request) -> Staff:
    """FastAPI dependency: who is signed in.

    Raises:
        SignInNeeded: nobody; pages then lead to the sign-in page.
        Forbidden: an auditor tries to change something.
    """
    found = present_staff(request)
    if found is None:
        raise SignInNeeded("Please sign in")
    if found.role is StaffRole.AUDITOR and request.method not in {"GET", "HEAD"}:
        raise Forbidden("Auditors can read but not change")
    return found


def may(staff: Staff, thing: Scoped) -> None:
    """Let pass only who sees what this organiser has in this municipality.

    Raises:
        Forbidden: it belongs to another organiser, or lies in another area.
    """
    if not staff.sees(thing):
        raise Forbidden("This belongs to another organiser")


def scope(staff: Staff) -> dict[str, Any]:
    """The part of a store query that keeps a list to what `staff` may see, by `organiser` and `municipality`."""
    limits = {"organiser": staff.organisers, "municipality": staff.areas}
    return {field: {"$in": list(seen)} for field, seen in limits.items() if ALL not in seen}
