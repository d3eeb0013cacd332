"""A volunteer as a row of the store."""

from datetime import date

from motesplats_events import VolunteerRole
from services.volunteers.domain.trainings import Trained
from services.volunteers.domain.volunteers import Agreement, Pause, Reach, Volunteer, VolunteerStatus
from shared.contact import Contact, same_person_key
from shared.mongo import Document


def volunteer_row(volunteer: Volunteer) -> Document:
    """The fields of the row, but for its id.

    `person` is unique: of somebody who has left it holds the id, so that the same person can come again as a new one.
    """
    contact = volunteer.contact
    expiries = [trained.expires_on for trained in volunteer.trainings.values() if trained.expires_on]
    return {
        "person": same_person_key(volunteer.name, contact) if contact else f"left {volunteer.volunteer_id}",
        "name": volunteer.name,
        "sorted": volunteer.name.casefold(),
        "email": contact.email if contact else None,
        "phone": contact.phone if contact else None,
        "language": volunteer.language,
        "roles": {role.value: since.isoformat() for role, since in volunteer.roles.items()},
        "wished_roles": [role.value for role in volunteer.wished_roles],
        "municipality": volunteer.municipality,
        "status": volunteer.status.value,
        "since": volunteer.since,
        "enrolled_on": _text(volunteer.enrolled_on),
        "left_on": _text(volunteer.left_on),
        "speaks": list(volunteer.speaks),
        "themes": list(volunteer.themes),
        "avoids": list(volunteer.avoids),
        "reach": volunteer.reach.value,
        "trainings": {
            code: {"completed_on": trained.completed_on.isoformat(), "expires_on": _text(trained.expires_on)}
            for code, trained in volunteer.trainings.items()
        },
        "first_expiry": min(expiries).isoformat() if expiries else None,
        "agreement": _agreement_row(volunteer.agreement),
        "pause": _pause_row(volunteer.pause),
        "version": volunteer.version,
    }


def volunteer_of(row: Document) -> Volunteer:
    """The volunteer that a row holds."""
    agreement, pause = row["agreement"], row["pause"]
    return Volunteer(
        volunteer_id=row["_id"],
        name=row["name"],
        contact=Contact(row["email"], row["phone"]) if row["email"] or row["phone"] else None,
        language=row["language"],
        roles={VolunteerRole(role): date.fromisoformat(since) for role, since in row["roles"].items()},
        municipality=row["municipality"],
        status=VolunteerStatus(row["status"]),
        since=row["since"],
        enrolled_on=_date(row["enrolled_on"]),
        left_on=_date(row["left_on"]),
        speaks=tuple(row["speaks"]),
        themes=tuple(row["themes"]),
        avoids=tuple(row["avoids"]),
        reach=Reach(row["reach"]),
        trainings={
            code: Trained(date.fromisoformat(trained["completed_on"]), _date(trained["expires_on"]))
            for code, trained in row["trainings"].items()
        },
        agreement=Agreement(date.fromisoformat(agreement["signed_on"]), agreement["version"]) if agreement else None,
        pause=Pause(date.fromisoformat(pause["starts_on"]), _date(pause["until"])) if pause else None,
        wished_roles=tuple(VolunteerRole(role) for role in row.get("wished_roles", [])),
        version=row["version"],
    )


def _agreement_row(agreement: Agreement | None) -> Document | None:
    if agreement is None:
        return None
    return {"signed_on": agreement.signed_on.isoformat(), "version": agreement.version}


def _pause_row(pause: Pause | None) -> Document | None:
    if pause is None:
        return None
    return {"starts_on": pause.starts_on.isoformat(), "until": _text(pause.until)}


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
