"""The reports that can be asked for: what is shown of the measures, and in which words."""

from services.evaluation.domain.instruments import msg
from services.evaluation.domain.measures.sums import Book
from services.evaluation.domain.reports import coming, houses, meeting_places, volunteers, work
from services.evaluation.domain.reports.asked import Asked, Definition, Group
from services.evaluation.domain.reports.report import Report
from shared.errors import NotFound

__all__ = ["GROUPS", "Asked", "Definition", "Group", "Report", "definition"]

GROUPS = (
    Group(
        msg("Meeting places"),
        (
            Definition(
                "mapping",
                msg("The mapping"),
                msg("What there is, where, for how many, and with how many volunteers."),
                (Book.OFFERS, Book.VOLUNTEERS),
                meeting_places.mapping,
            ),
            Definition(
                "attendance",
                msg("Attendance"),
                msg("How many come to a session."),
                (Book.OFFERS,),
                meeting_places.mean_attendance,
            ),
            Definition(
                "started",
                msg("What was started"),
                msg("New offers, and digital self-help groups."),
                (Book.OFFERS,),
                meeting_places.started,
            ),
            Definition(
                "referrals",
                msg("Registrations and referrals"),
                msg("How people found the way, and which units showed it."),
                (Book.COMING,),
                coming.referrals,
            ),
            Definition(
                "queue",
                msg("The queue"),
                msg("How many wait for a place, and for how long."),
                (Book.COMING,),
                coming.waiting,
            ),
        ),
    ),
    Group(
        msg("Drop-in houses"),
        (
            Definition(
                "houses",
                msg("Visitors per week"),
                msg("How many come in a week, to each house and to all together."),
                (Book.HOUSES,),
                houses.visitors,
            ),
            Definition(
                "visits",
                msg("Who comes"),
                msg("First visits, and visits by role and age."),
                (Book.HOUSES,),
                houses.visits,
            ),
        ),
    ),
    Group(
        msg("Volunteers"),
        (
            Definition(
                "volunteers",
                msg("Volunteers"),
                msg("How many there are, where, in which roles, and at which houses."),
                (Book.VOLUNTEERS, Book.WORK),
                volunteers.volunteers,
            ),
            Definition(
                "trainings",
                msg("Trainings"),
                msg("Trainings completed, and storytellers trained."),
                (Book.VOLUNTEERS,),
                volunteers.trained,
            ),
            Definition(
                "peers",
                msg("Peers"),
                msg("Assignments done, by how many, beside the year before."),
                (Book.WORK, Book.PEERS),
                work.peer_work,
            ),
            Definition(
                "living-library",
                msg("The living library"),
                msg("How many of the living books were offered an assignment."),
                (Book.VOLUNTEERS,),
                work.living_library,
            ),
            Definition(
                "patient-supporters",
                msg("Patient supporters"),
                msg("New units, by month and supporter."),
                (Book.WORK, Book.VOLUNTEERS),
                work.patient_supporters,
            ),
        ),
    ),
)


def definition(code: str) -> Definition:
    """The report with this code.

    Raises:
        NotFound: there is none.
    """
    for group in GROUPS:
        for report in group.reports:
            if report.code == code:
                return report
    raise NotFound("There is no such report")
