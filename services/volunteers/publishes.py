"""The events of this service, each made from the state that it announces."""

from motesplats_events import AssignmentCompleted, AssignmentOffered, VolunteerContactChanged
from services.volunteers.domain import Assignment, Volunteer


def volunteer_contact_changed(volunteer: Volunteer) -> VolunteerContactChanged:
    """How to reach a volunteer now."""
    return VolunteerContactChanged(
        volunteer_id=volunteer.volunteer_id,
        name=volunteer.name,
        email=volunteer.contact.email,
        phone=volunteer.contact.phone,
        language=volunteer.language,
    )


def assignment_offered(assignment: Assignment) -> AssignmentOffered:
    """A volunteer was asked."""
    return AssignmentOffered(
        assignment_id=assignment.assignment_id,
        volunteer_id=assignment.volunteer_id,
        role=assignment.role,
        programme_id=assignment.programme_id,
        title=assignment.title,
        place=assignment.place,
        at=assignment.at,
        answer_by=assignment.answer_by,
    )


def assignment_completed(assignment: Assignment) -> AssignmentCompleted:
    """An assignment was done; never by whom."""
    assert assignment.completed_on is not None
    return AssignmentCompleted(
        assignment_id=assignment.assignment_id,
        role=assignment.role,
        programme_id=assignment.programme_id,
        organiser=assignment.organiser,
        municipality=assignment.municipality,
        completed_on=assignment.completed_on,
        hours=assignment.hours or 0,
        people_met=assignment.people_met or 0,
    )
