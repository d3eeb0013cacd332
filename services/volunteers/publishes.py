"""The events of this service, each made from the state that it announces."""

from motesplats_events import (
    AssignmentChanged,
    AssignmentCompleted,
    AssignmentOffered,
    SufficiencyAnswered,
    Training,
    UnitContacted,
    VolunteerChanged,
    VolunteerContactChanged,
)
from services.volunteers.domain.assignments import Assignment
from services.volunteers.domain.contacts import ContactMade
from services.volunteers.domain.sufficiency import Sufficiency
from services.volunteers.domain.volunteers import Volunteer


def volunteer_contact_changed(volunteer: Volunteer) -> VolunteerContactChanged | None:
    """How to reach a volunteer now; None of somebody who has left, so that it is erased."""
    if volunteer.contact is None:
        return None
    return VolunteerContactChanged(
        volunteer_id=volunteer.volunteer_id,
        name=volunteer.name,
        email=volunteer.contact.email,
        phone=volunteer.contact.phone,
        language=volunteer.language,
    )


def volunteer_changed(volunteer: Volunteer) -> VolunteerChanged:
    """What an enrolled volunteer does; never who."""
    assert volunteer.enrolled_on is not None
    return VolunteerChanged(
        volunteer_id=volunteer.volunteer_id,
        roles=dict(volunteer.roles),
        municipality=volunteer.municipality,
        enrolled_on=volunteer.enrolled_on,
        left_on=volunteer.left_on,
        trainings=[
            Training(training=code, completed_on=trained.completed_on, expires_on=trained.expires_on)
            for code, trained in sorted(volunteer.trainings.items())
        ],
    )


def assignment_offered(assignment: Assignment) -> AssignmentOffered:
    """A volunteer was asked."""
    task = assignment.task
    return AssignmentOffered(
        assignment_id=assignment.assignment_id,
        volunteer_id=assignment.volunteer_id,
        role=task.role,
        programme_id=task.programme_id,
        session_id=task.session_id,
        title=task.title,
        place=task.place,
        at=task.at,
        answer_by=assignment.answer_by,
    )


def assignment_changed(assignment: Assignment) -> AssignmentChanged:
    """An assignment as it now stands."""
    task = assignment.task
    for_whole_programme = bool(task.programme_id) and task.session_id is None
    return AssignmentChanged(
        assignment_id=assignment.assignment_id,
        volunteer_id=assignment.volunteer_id,
        role=task.role,
        status=assignment.status,
        programme_id=task.programme_id,
        session_id=task.session_id,
        organiser=task.organiser,
        municipality=task.municipality,
        title=task.title,
        place=task.place,
        at=None if for_whole_programme else task.at,
        until=task.until,
        answer_by=assignment.answer_by,
        offered_at=assignment.offered_at,
        completed_on=assignment.completed_on,
        hours=assignment.hours or 0,
        people_met=assignment.people_met or 0,
    )


def assignment_completed(assignment: Assignment) -> AssignmentCompleted:
    """An assignment was done; never by whom."""
    assert assignment.completed_on is not None
    return AssignmentCompleted(
        assignment_id=assignment.assignment_id,
        role=assignment.task.role,
        programme_id=assignment.task.programme_id,
        organiser=assignment.organiser,
        municipality=assignment.municipality,
        completed_on=assignment.completed_on,
        hours=assignment.hours or 0,
        people_met=assignment.people_met or 0,
    )


def unit_contacted(contact: ContactMade) -> UnitContacted:
    """A contact with a unit as it now stands; never what it was about."""
    return UnitContacted(
        contact_id=contact.contact_id,
        volunteer_id=contact.volunteer_id,
        organiser=contact.organiser,
        unit=contact.unit.name,
        municipality=contact.municipality,
        contacted_on=contact.contacted_on,
        new=contact.new,
        undone=contact.undone,
    )


def sufficiency_answered(answer: Sufficiency) -> SufficiencyAnswered:
    """The newest answer about an offer."""
    return SufficiencyAnswered(
        programme_id=answer.programme_id,
        organiser=answer.organiser,
        municipality=answer.municipality,
        enough=answer.enough,
        answered_on=answer.answered_on,
    )
