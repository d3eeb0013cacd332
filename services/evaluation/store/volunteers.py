"""Volunteers and what they do, by random ids; never who they are."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from motesplats_events import AssignmentStatus, VolunteerRole
from services.evaluation.domain.measures.facts import Assignment, Contact, RoleHeld, Trained, VolunteerFacts
from shared.delivery import Reading
from shared.mongo import Document


async def given_up(at: Reading, volunteer_id: str, roles: Mapping[VolunteerRole, date], day: date) -> list[Document]:
    """The roles that a volunteer no longer has; those missing in `roles` ended the day before `day`."""
    row = await at.db.volunteers.find_one({"_id": volunteer_id}, session=at.session)
    if row is None:
        return []
    until = (day - timedelta(days=1)).isoformat()
    ended = [
        {"role": role, "since": since, "until": until}
        for role, since in sorted(row["roles"].items())
        if role not in roles
    ]
    return [*row["given_up"], *ended]


async def facts(at: Reading, volunteer_id: str) -> VolunteerFacts:
    """Everything that is known of a volunteer, without contacts that were undone."""
    about = {"volunteer_id": volunteer_id}
    rows = await at.db.tasks.find(about, session=at.session).to_list(None)
    places = await _places(at, {row.get("programme_id", "") for row in rows if row["role"] == VolunteerRole.HOST.value})
    work = [_assignment(row, places) for row in rows]
    noted = at.db.contacts.find(about, session=at.session)
    # Of what was heard before this was kept, nothing is known of having been undone.
    contacts = [_contact(row) async for row in noted if not row.get("undone")]
    row = await at.db.volunteers.find_one({"_id": volunteer_id}, session=at.session)
    if row is None:
        return VolunteerFacts(volunteer_id, assignments=work, contacts=contacts)
    return VolunteerFacts(
        volunteer_id=volunteer_id,
        municipality=row["municipality"],
        enrolled_on=date.fromisoformat(row["enrolled_on"]),
        left_on=_date(row["left_on"]),
        roles=[
            *(RoleHeld(VolunteerRole(role), date.fromisoformat(since)) for role, since in row["roles"].items()),
            *(
                RoleHeld(VolunteerRole(past["role"]), date.fromisoformat(past["since"]), _date(past["until"]))
                for past in row["given_up"]
            ),
        ],
        trainings=[Trained(t["training"], date.fromisoformat(t["on"])) for t in row["trainings"]],
        assignments=work,
        contacts=contacts,
    )


async def in_programme(at: Reading, programme_id: str) -> list[str]:
    """Volunteers who were asked to do something in a programme."""
    ids: list[str] = await at.db.tasks.distinct("volunteer_id", {"programme_id": programme_id}, session=at.session)
    return ids


async def _places(at: Reading, programme_ids: Collection[str]) -> dict[str, str]:
    """What the places of programmes are called now; one session may be in another room of the same house."""
    ids = sorted(set(programme_ids) - {""})
    rows = at.db.programmes.find({"_id": {"$in": ids}}, {"place": 1}, session=at.session) if ids else None
    return {row["_id"]: row["place"] async for row in rows} if rows else {}


def _assignment(row: dict[str, Any], places: Mapping[str, str]) -> Assignment:
    # Of what was heard before places were kept, nothing is known of them until it is heard again.
    programme_id = row.get("programme_id", "")
    return Assignment(
        role=VolunteerRole(row["role"]),
        status=AssignmentStatus(row["status"]),
        organiser=row["organiser"],
        municipality=row["municipality"],
        offered_on=date.fromisoformat(row["offered_on"]),
        completed_on=_date(row["completed_on"]),
        place=places.get(programme_id, row["place"]) if programme_id else "",
        on=_date(row.get("on")),
    )


def _contact(row: dict[str, Any]) -> Contact:
    return Contact(row["organiser"], row["municipality"], date.fromisoformat(row["on"]), row["new"])


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
