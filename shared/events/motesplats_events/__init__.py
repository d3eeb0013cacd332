"""The events of Mötesplats: the contract between its services, and with partners.

    from motesplats_events import ParticipantRegistered

    event = ParticipantRegistered.model_validate_json(record.value)

The core of the contract is `ParticipantRegistered`, `SessionHeld`, `SurveySubmitted` and `AssignmentCompleted`.
"""

from motesplats_events.evaluation import (
    PublishedFigure,
    ResultsPublished,
    Share,
    SurveyKind,
    SurveyOpened,
    SurveySubmitted,
)
from motesplats_events.event import CONTENT_TYPE, Envelope, Event
from motesplats_events.notification import SurveyInvitationsMinted
from motesplats_events.registration import (
    AttendanceRecorded,
    ParticipantContactChanged,
    ParticipantRegistered,
    Place,
    PlannedSession,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationRepeated,
    RegistrationStatus,
    Role,
    RoleCount,
    SessionHeld,
    TrialClockMoved,
)
from motesplats_events.volunteers import (
    AssignmentCompleted,
    AssignmentOffered,
    VolunteerContactChanged,
    VolunteerRole,
)

EVENTS: tuple[type[Event], ...] = (
    ProgrammePlanned,
    ParticipantRegistered,
    RegistrationPromoted,
    RegistrationCancelled,
    RegistrationRepeated,
    ParticipantContactChanged,
    SessionHeld,
    AttendanceRecorded,
    TrialClockMoved,
    SurveyInvitationsMinted,
    SurveyOpened,
    SurveySubmitted,
    ResultsPublished,
    VolunteerContactChanged,
    AssignmentOffered,
    AssignmentCompleted,
)
"""Every event, by publishing service."""

CORE: tuple[type[Event], ...] = (ParticipantRegistered, SessionHeld, SurveySubmitted, AssignmentCompleted)
"""The four events that partners can count on above all."""

__all__ = [
    "CONTENT_TYPE",
    "CORE",
    "EVENTS",
    "AssignmentCompleted",
    "AssignmentOffered",
    "AttendanceRecorded",
    "Envelope",
    "Event",
    "ParticipantContactChanged",
    "ParticipantRegistered",
    "Place",
    "PlannedSession",
    "ProgrammePlanned",
    "PublishedFigure",
    "RegistrationCancelled",
    "RegistrationPromoted",
    "RegistrationRepeated",
    "RegistrationStatus",
    "ResultsPublished",
    "Role",
    "RoleCount",
    "SessionHeld",
    "Share",
    "SurveyInvitationsMinted",
    "SurveyKind",
    "SurveyOpened",
    "SurveySubmitted",
    "TrialClockMoved",
    "VolunteerContactChanged",
    "VolunteerRole",
]
