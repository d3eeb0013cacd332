"""What other services told: the newest state of each thing, kept so that an older one never replaces it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from motesplats_events import RegistrationStatus, SurveyKind
from services.notification.domain.values import (
    Contact,
    Kind,
    Offer,
    Programme,
    Registration,
    Session,
    Survey,
)
from shared.access import Staff, scope
from shared.delivery import Reading, Transaction, put_if_newer
from shared.mongo import Database, Document

COLLECTIONS = (
    "programmes",
    "registrations",
    "repeats",
    "contacts",
    "attendance",
    "surveys",
    "offers",
)


async def indexes(db: Database) -> None:
    """The indexes of these collections."""
    await db.registrations.create_index("programme_id")
    await db.surveys.create_index("audience")
    await db.offers.create_index("volunteer_id")
    await db.programmes.create_index("organiser")


# Programmes


async def keep_programme(tx: Transaction, programme: Programme) -> bool:
    """Keep it unless a newer one is known; True if it was kept."""
    fields = {
        "title": programme.title,
        "organiser": programme.organiser,
        "place": programme.place,
        "municipality": programme.municipality,
        "sessions": [
            {"session_id": s.session_id, "starts_at": s.starts_at, "minutes": s.minutes, "theme": s.theme}
            for s in programme.sessions
        ],
    }
    return await put_if_newer(tx, "programmes", programme.programme_id, programme.sequence, fields)


def _programme(row: Document) -> Programme:
    return Programme(
        programme_id=row["_id"],
        sequence=row["sequence"],
        title=row["title"],
        organiser=row["organiser"],
        place=row["place"],
        municipality=row["municipality"],
        sessions=tuple(Session(s["session_id"], s["starts_at"], s["minutes"], s["theme"]) for s in row["sessions"]),
    )


async def programme(at: Reading, programme_id: str) -> Programme | None:
    """None while it is unknown."""
    row = await at.db.programmes.find_one({"_id": programme_id}, session=at.session)
    return _programme(row) if row else None


async def programmes(at: Reading, ids: Collection[str]) -> dict[str, Programme]:
    """Those of them that are known, by id."""
    rows = at.db.programmes.find({"_id": {"$in": list(ids)}}, session=at.session)
    return {row["_id"]: _programme(row) async for row in rows}


async def programmes_for(at: Reading, staff: Staff) -> dict[str, Programme]:
    """Those that this member of staff may see, by id."""
    rows = at.db.programmes.find(scope(staff), session=at.session)
    return {row["_id"]: _programme(row) async for row in rows}


# Registrations and contacts


async def keep_registration(tx: Transaction, registration: Registration) -> bool:
    """Keep the newest that is known of a registration; True if this is."""
    fields = {
        "programme_id": registration.programme_id,
        "status": registration.status.value,
        "cause": registration.cause.value,
        "since": registration.since,
        "position": registration.position,
        "held_a_place": registration.held_a_place,
    }
    return await put_if_newer(tx, "registrations", registration.participant_id, registration.sequence, fields)


def _registration(row: Document) -> Registration:
    return Registration(
        participant_id=row["_id"],
        programme_id=row["programme_id"],
        sequence=row["sequence"],
        status=RegistrationStatus(row["status"]),
        cause=Kind(row["cause"]),
        since=row["since"],
        position=row["position"],
        held_a_place=row["held_a_place"],
    )


async def registrations(at: Reading, ids: Collection[str]) -> dict[str, Registration]:
    """Those of them that are known, by participant id."""
    rows = at.db.registrations.find({"_id": {"$in": list(ids)}}, session=at.session)
    return {row["_id"]: _registration(row) async for row in rows}


async def participants_of(at: Reading, programme_ids: Collection[str]) -> list[str]:
    """Ids of all who registered for one of these programmes."""
    query = {"programme_id": {"$in": list(programme_ids)}}
    return [row["_id"] async for row in at.db.registrations.find(query, {"_id": 1}, session=at.session)]


async def add_repeat(tx: Transaction, participant_id: str, at: datetime) -> None:
    """Note that somebody who is registered sent the form again."""
    await tx.db.repeats.update_one({"_id": participant_id}, {"$addToSet": {"at": at}}, upsert=True, session=tx.session)


async def repeats(at: Reading, ids: Collection[str]) -> dict[str, Sequence[datetime]]:
    """When each of these sent the form again."""
    rows = at.db.repeats.find({"_id": {"$in": list(ids)}}, session=at.session)
    return {row["_id"]: row["at"] async for row in rows}


async def keep_contact(tx: Transaction, contact: Contact, sequence: int) -> bool:
    """Keep the newest way to reach somebody; True if this is. Of an erased person only the id stays."""
    fields = {
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "language": contact.language,
        "reminders": contact.reminders,
        "erased": contact.erased,
    }
    return await put_if_newer(tx, "contacts", contact.id, sequence, fields)


def _contact(row: Document) -> Contact:
    return Contact(
        id=row["_id"],
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        language=row["language"],
        reminders=row["reminders"],
        erased=row["erased"],
    )


async def contacts(at: Reading, ids: Collection[str]) -> dict[str, Contact]:
    """Those of them that are known, by participant or volunteer id."""
    rows = at.db.contacts.find({"_id": {"$in": list(ids)}}, session=at.session)
    return {row["_id"]: _contact(row) async for row in rows}


# Attendance and surveys


async def keep_attendance(tx: Transaction, session_id: str, attended: Sequence[str], sequence: int) -> bool:
    """Keep who attended a session, unless something newer is known."""
    return await put_if_newer(tx, "attendance", session_id, sequence, {"attended": list(attended)})


async def attendance(at: Reading, session_ids: Collection[str]) -> dict[str, Sequence[str]]:
    """Who attended, by session, where that is known."""
    rows = at.db.attendance.find({"_id": {"$in": list(session_ids)}}, session=at.session)
    return {row["_id"]: row["attended"] async for row in rows}


async def keep_survey(tx: Transaction, survey: Survey, sequence: int) -> bool:
    """Keep a survey that was opened. Whether its links were minted is left as it is."""
    fields = {
        "programme_id": survey.programme_id,
        "kind": survey.kind.value,
        "audience": list(survey.audience),
        "opened_at": survey.opened_at,
        "closes_at": survey.closes_at,
    }
    return await put_if_newer(tx, "surveys", survey.survey_id, sequence, fields)


def _survey(row: Document) -> Survey:
    return Survey(
        survey_id=row["_id"],
        programme_id=row["programme_id"],
        kind=SurveyKind(row["kind"]),
        audience=tuple(row["audience"]),
        opened_at=row["opened_at"],
        closes_at=row["closes_at"],
        minted=row.get("minted", False),
    )


async def survey(at: Reading, survey_id: str) -> Survey | None:
    """None while it is unknown."""
    row = await at.db.surveys.find_one({"_id": survey_id}, session=at.session)
    return _survey(row) if row else None


async def unminted_surveys(at: Reading, survey_ids: Collection[str], session_ids: Collection[str]) -> Sequence[Survey]:
    """Surveys that nobody has been invited to: those named, and those about one of the sessions."""
    query = {
        "minted": {"$ne": True},
        "$or": [{"_id": {"$in": list(survey_ids)}}, {"audience": {"$in": list(session_ids)}}],
    }
    return [_survey(row) async for row in at.db.surveys.find(query, session=at.session)]


async def set_minted(tx: Transaction, survey_id: str) -> None:
    """Note that the one batch of links has been made."""
    await tx.db.surveys.update_one({"_id": survey_id}, {"$set": {"minted": True}}, session=tx.session)


# Assignments


async def keep_offer(tx: Transaction, offer: Offer, sequence: int) -> bool:
    """Keep an offer to a volunteer, unless something newer is known."""
    fields = {
        "volunteer_id": offer.volunteer_id,
        "programme_id": offer.programme_id,
        "role": offer.role,
        "title": offer.title,
        "place": offer.place,
        "at": offer.at,
        "offered_at": offer.offered_at,
        "answer_by": offer.answer_by,
    }
    return await put_if_newer(tx, "offers", offer.assignment_id, sequence, fields)


def _offer(row: Document) -> Offer:
    return Offer(
        assignment_id=row["_id"],
        volunteer_id=row["volunteer_id"],
        programme_id=row["programme_id"],
        role=row["role"],
        title=row["title"],
        place=row["place"],
        at=row["at"],
        offered_at=row["offered_at"],
        answer_by=row["answer_by"],
    )


async def offer(at: Reading, assignment_id: str) -> Offer | None:
    """None while it is unknown."""
    row = await at.db.offers.find_one({"_id": assignment_id}, session=at.session)
    return _offer(row) if row else None


async def offers(at: Reading, assignment_ids: Collection[str]) -> Sequence[Offer]:
    """Those of them that are known."""
    rows = at.db.offers.find({"_id": {"$in": list(assignment_ids)}}, session=at.session)
    return [_offer(row) async for row in rows]
