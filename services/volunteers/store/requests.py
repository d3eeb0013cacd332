"""What units have asked for."""

from collections.abc import Sequence
from datetime import datetime

from motesplats_events import Format, VolunteerRole
from services.volunteers.domain.requests import Request, RequestNotFound, RequestStatus, UnitKind
from shared.access import Staff, scope
from shared.contact import Contact
from shared.delivery import Reading, Transaction
from shared.errors import Conflict
from shared.mongo import Document


async def add_request(tx: Transaction, request: Request) -> None:
    """Store a new request."""
    await tx.db.requests.insert_one({"_id": request.request_id, **_request_row(request)}, session=tx.session)


async def save_request(tx: Transaction, request: Request) -> None:
    """Store a changed request whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.requests.update_one(
        {"_id": request.request_id, "version": request.version - 1},
        {"$set": _request_row(request)},
        session=tx.session,
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def request(at: Reading, request_id: str) -> Request:
    """Raises: RequestNotFound."""
    row = await at.db.requests.find_one({"_id": request_id}, session=at.session)
    if row is None:
        raise RequestNotFound("There is no such request")
    return _request(row)


async def requests(at: Reading, staff: Staff, status: RequestStatus | None = None) -> Sequence[Request]:
    """Requests that this member of staff may see, the newest first."""
    query = {**scope(staff), **({"status": status.value} if status else {})}
    rows = at.db.requests.find(query, session=at.session).sort("received_at", -1)
    return [_request(row) async for row in rows]


async def requests_from_before(at: Reading, before: datetime) -> Sequence[str]:
    """Ids of requests that came and were to be done before this, and still say who asked."""
    done = {"$or": [{"at": None}, {"at": {"$lt": before}}]}
    query = {"received_at": {"$lt": before}, "contact_name": {"$ne": ""}, **done}
    return [row["_id"] async for row in at.db.requests.find(query, {"_id": 1}, session=at.session)]


async def count_waiting_requests(at: Reading, staff: Staff) -> int:
    """How many requests wait for a member of staff: new ones, and those for which nobody was found."""
    waiting = [RequestStatus.RECEIVED.value, RequestStatus.NOBODY_LEFT.value]
    return int(await at.db.requests.count_documents({**scope(staff), "status": {"$in": waiting}}))


async def organisers(at: Reading) -> Sequence[str]:
    """Who organises programmes here, by name."""
    return sorted(await at.db.programmes.distinct("organiser", session=at.session))


async def municipalities_of_programmes(at: Reading) -> Sequence[str]:
    """Where programmes are held, as whoever planned them writes it."""
    return list(await at.db.programmes.distinct("municipality", session=at.session))


def _request_row(request: Request) -> Document:
    return {
        "unit": request.unit,
        "unit_kind": request.unit_kind.value,
        "organiser": request.organiser,
        "municipality": request.municipality,
        "contact_name": request.contact_name,
        "email": request.contact.email,
        "phone": request.contact.phone,
        "role": request.role.value,
        "theme": request.theme,
        "language": request.language,
        "format": request.format.value,
        "place": request.place,
        "at": request.at,
        "minutes": request.minutes,
        "audience": request.audience,
        "wanted": request.wanted,
        "note": request.note,
        "received_at": request.received_at,
        "status": request.status.value,
        "told_at": request.told_at,
        "version": request.version,
    }


def _request(row: Document) -> Request:
    return Request(
        request_id=row["_id"],
        unit=row["unit"],
        unit_kind=UnitKind(row["unit_kind"]),
        organiser=row["organiser"],
        municipality=row["municipality"],
        contact_name=row["contact_name"],
        contact=Contact(row["email"], row["phone"]),
        role=VolunteerRole(row["role"]),
        theme=row["theme"],
        language=row["language"],
        format=Format(row["format"]),
        place=row["place"],
        at=row["at"],
        minutes=row["minutes"],
        audience=row["audience"],
        wanted=row["wanted"],
        note=row["note"],
        received_at=row["received_at"],
        status=RequestStatus(row["status"]),
        told_at=row["told_at"],
        version=row["version"],
    )
