"""The volunteers service's collections: volunteers, assignments, and what it knows of programmes."""

from collections.abc import Sequence
from datetime import UTC, datetime

from motesplats_events import VolunteerRole
from services.volunteers.domain import (
    OPEN,
    AlreadyAsked,
    Assignment,
    AssignmentNotFound,
    AssignmentStatus,
    Programme,
    ProgrammeNotFound,
    Volunteer,
    VolunteerIsKnown,
    VolunteerNotFound,
    VolunteerStatus,
)
from shared.access import Staff, scope
from shared.contact import Contact, same_person_key
from shared.delivery import Reading, Transaction, put_if_newer
from shared.errors import Conflict
from shared.mongo import Database, Document, DuplicateKeyError


async def indexes(db: Database) -> None:
    """Create what the queries below need; the unique ones are the last guard against asking or enrolling twice."""
    await db.volunteers.create_index("person", unique=True)
    await db.assignments.create_index(
        [("volunteer_id", 1), ("programme_id", 1), ("role", 1)],
        unique=True,
        partialFilterExpression={"open": True},
    )
    await db.assignments.create_index("programme_id")
    await db.programmes.create_index("last_session")


# Programmes


async def put_programme(tx: Transaction, programme: Programme, sequence: int) -> None:
    """Keep a programme as it now stands, unless a newer state is known."""
    fields = {
        "title": programme.title,
        "organiser": programme.organiser,
        "place": programme.place,
        "municipality": programme.municipality,
        "sessions": list(programme.sessions),
        "last_session": programme.sessions[-1] if programme.sessions else None,
    }
    await put_if_newer(tx, "programmes", programme.programme_id, sequence, fields)


async def programme(at: Reading, programme_id: str) -> Programme:
    """Raises: ProgrammeNotFound."""
    row = await at.db.programmes.find_one({"_id": programme_id}, session=at.session)
    if row is None:
        raise ProgrammeNotFound("There is no such programme", field="programme_id")
    return _programme(row)


async def coming_programmes(at: Reading, staff: Staff, now: datetime) -> Sequence[Programme]:
    """Programmes of this member of staff with a session to come, by title."""
    query = {**scope(staff), "last_session": {"$gt": now}}
    rows = await at.db.programmes.find(query, session=at.session).to_list(None)
    return sorted(map(_programme, rows), key=lambda programme: (programme.title, programme.sessions[0]))


async def programme_titles(at: Reading, staff: Staff) -> dict[str, str]:
    """The titles of this member of staff's programmes, by id."""
    rows = at.db.programmes.find(scope(staff), {"title": 1}, session=at.session)
    return {row["_id"]: row["title"] async for row in rows}


def _programme(row: Document) -> Programme:
    return Programme(
        programme_id=row["_id"],
        title=row["title"],
        organiser=row["organiser"],
        place=row["place"],
        municipality=row["municipality"],
        sessions=row["sessions"],
    )


# Volunteers


async def add_volunteer(tx: Transaction, volunteer: Volunteer) -> None:
    """Store a new volunteer.

    Raises:
        VolunteerIsKnown: the same person is there.
    """
    row = {"_id": volunteer.volunteer_id, **_volunteer_row(volunteer)}
    try:
        await tx.db.volunteers.insert_one(row, session=tx.session)
    except DuplicateKeyError:
        raise VolunteerIsKnown("This person is in the list already") from None


async def save_volunteer(tx: Transaction, volunteer: Volunteer) -> None:
    """Store a changed volunteer whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.volunteers.update_one(
        {"_id": volunteer.volunteer_id, "version": volunteer.version - 1},
        {"$set": _volunteer_row(volunteer)},
        session=tx.session,
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def volunteer(at: Reading, volunteer_id: str) -> Volunteer:
    """Raises: VolunteerNotFound."""
    row = await at.db.volunteers.find_one({"_id": volunteer_id}, session=at.session)
    if row is None:
        raise VolunteerNotFound("There is no such volunteer", field="volunteer_id")
    return _volunteer(row)


async def volunteer_like(at: Reading, person: str) -> Volunteer | None:
    """The volunteer who is the same person, see `same_person_key`."""
    row = await at.db.volunteers.find_one({"person": person}, session=at.session)
    return _volunteer(row) if row else None


async def volunteers(at: Reading) -> Sequence[Volunteer]:
    """Everybody, by name. One pool serves all organisers."""
    rows = await at.db.volunteers.find({}, session=at.session).to_list(None)
    return sorted(map(_volunteer, rows), key=lambda volunteer: (volunteer.name.casefold(), volunteer.since))


def _volunteer_row(volunteer: Volunteer) -> Document:
    return {
        "person": same_person_key(volunteer.name, volunteer.contact),
        "name": volunteer.name,
        "email": volunteer.contact.email,
        "phone": volunteer.contact.phone,
        "language": volunteer.language,
        "roles": [role.value for role in volunteer.roles],
        "municipality": volunteer.municipality,
        "status": volunteer.status.value,
        "since": volunteer.since,
        "version": volunteer.version,
    }


def _volunteer(row: Document) -> Volunteer:
    return Volunteer(
        volunteer_id=row["_id"],
        name=row["name"],
        contact=Contact(row["email"], row["phone"]),
        language=row["language"],
        roles=[VolunteerRole(role) for role in row["roles"]],
        municipality=row["municipality"],
        status=VolunteerStatus(row["status"]),
        since=row["since"],
        version=row["version"],
    )


# Assignments


async def add_assignment(tx: Transaction, assignment: Assignment) -> None:
    """Store a new offer.

    Raises:
        AlreadyAsked: the same was offered at the same moment.
    """
    row = {"_id": assignment.assignment_id, **_assignment_row(assignment)}
    try:
        await tx.db.assignments.insert_one(row, session=tx.session)
    except DuplicateKeyError:
        raise AlreadyAsked("This volunteer has already been asked to do this", field="volunteer_id") from None


async def save_assignment(tx: Transaction, assignment: Assignment) -> None:
    """Store a changed assignment whose version is one above the stored one.

    Raises:
        Conflict: somebody else changed it in between.
    """
    stored = await tx.db.assignments.update_one(
        {"_id": assignment.assignment_id, "version": assignment.version - 1},
        {"$set": _assignment_row(assignment)},
        session=tx.session,
    )
    if stored.modified_count != 1:
        raise Conflict("Somebody else has just changed this. Look at it again and try once more")


async def assignment(at: Reading, assignment_id: str) -> Assignment:
    """Raises: AssignmentNotFound."""
    row = await at.db.assignments.find_one({"_id": assignment_id}, session=at.session)
    if row is None:
        raise AssignmentNotFound("There is no such assignment")
    return _assignment(row)


async def assignments_of(at: Reading, volunteer_id: str, programme_id: str) -> Sequence[Assignment]:
    """A volunteer's assignments in a programme."""
    query = {"volunteer_id": volunteer_id, "programme_id": programme_id}
    return [_assignment(row) async for row in at.db.assignments.find(query, session=at.session)]


async def assignments(at: Reading, staff: Staff, programme_id: str | None = None) -> Sequence[Assignment]:
    """Assignments that this member of staff may see, the newest first."""
    query = {**scope(staff), **({"programme_id": programme_id} if programme_id else {})}
    rows = await at.db.assignments.find(query, session=at.session).to_list(None)
    return sorted(map(_assignment, rows), key=lambda assignment: assignment.offered_at, reverse=True)


def _assignment_row(assignment: Assignment) -> Document:
    done = assignment.completed_on
    return {
        "volunteer_id": assignment.volunteer_id,
        "programme_id": assignment.programme_id,
        "organiser": assignment.organiser,
        "municipality": assignment.municipality,
        "place": assignment.place,
        "role": assignment.role.value,
        "title": assignment.title,
        "at": assignment.at,
        "answer_by": assignment.answer_by,
        "status": assignment.status.value,
        "open": assignment.status in OPEN,
        "offered_at": assignment.offered_at,
        "hours": assignment.hours,
        "people_met": assignment.people_met,
        "completed_on": datetime(done.year, done.month, done.day, tzinfo=UTC) if done else None,
        "version": assignment.version,
    }


def _assignment(row: Document) -> Assignment:
    return Assignment(
        assignment_id=row["_id"],
        volunteer_id=row["volunteer_id"],
        programme_id=row["programme_id"],
        organiser=row["organiser"],
        municipality=row["municipality"],
        place=row["place"],
        role=VolunteerRole(row["role"]),
        title=row["title"],
        at=row["at"],
        answer_by=row["answer_by"],
        status=AssignmentStatus(row["status"]),
        offered_at=row["offered_at"],
        hours=row["hours"],
        people_met=row["people_met"],
        completed_on=row["completed_on"].date() if row["completed_on"] else None,
        version=row["version"],
    )
