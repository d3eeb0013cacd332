"""Keep up with volunteers and what they do; never who they are."""

from datetime import date

from motesplats_events import AssignmentChanged, UnitContacted, VolunteerChanged
from services.evaluation.store import sums, volunteers
from shared.delivery import Transaction, put_if_newer


async def follow_volunteer(tx: Transaction, told: VolunteerChanged, day: date, sequence: int) -> None:
    """A volunteer enrolled, changed or left. Roles that were given up stay known, for reports at earlier dates.

    Args:
        day: on which that was.
    """
    fields = {
        "municipality": told.municipality,
        "roles": {role.value: since.isoformat() for role, since in told.roles.items()},
        "given_up": await volunteers.given_up(tx, told.volunteer_id, told.roles, day),
        "enrolled_on": told.enrolled_on.isoformat(),
        "left_on": told.left_on and told.left_on.isoformat(),
        "trainings": [{"training": t.training, "on": t.completed_on.isoformat()} for t in told.trainings],
    }
    if await put_if_newer(tx, "volunteers", told.volunteer_id, sequence, fields):
        await sums.note_news(tx, sums.VOLUNTEER, [told.volunteer_id])


async def follow_task(
    tx: Transaction, told: AssignmentChanged, offered_on: date, on: date | None, sequence: int
) -> None:
    """A volunteer was asked to do something, or has answered, done it or given it up.

    Args:
        on: the day of the shift or session; None where it is for a whole programme or agreed later.
    """
    fields = {
        "volunteer_id": told.volunteer_id,
        "role": told.role.value,
        "status": told.status.value,
        "organiser": told.organiser,
        "municipality": told.municipality,
        "programme_id": told.programme_id,
        "place": told.place,
        "on": on and on.isoformat(),
        "offered_on": offered_on.isoformat(),
        "completed_on": told.completed_on and told.completed_on.isoformat(),
    }
    if await put_if_newer(tx, "tasks", told.assignment_id, sequence, fields):
        await sums.note_news(tx, sums.VOLUNTEER, [told.volunteer_id])


async def follow_contact(tx: Transaction, told: UnitContacted, sequence: int) -> None:
    """A patient supporter was in contact with a unit, or took that back; which unit is not kept."""
    fields = {
        "volunteer_id": told.volunteer_id,
        "organiser": told.organiser,
        "municipality": told.municipality,
        "on": told.contacted_on.isoformat(),
        "new": told.new,
        "undone": told.undone,
    }
    if await put_if_newer(tx, "contacts", told.contact_id, sequence, fields):
        await sums.note_news(tx, sums.VOLUNTEER, [told.volunteer_id])
