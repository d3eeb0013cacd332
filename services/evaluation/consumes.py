"""What this service hears from the others, put into its own words."""

from motesplats_events import (
    AssignmentCompleted,
    AttendanceRecorded,
    Envelope,
    ParticipantRegistered,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationStatus,
    SessionHeld,
    SurveyInvitationsMinted,
)
from services.evaluation.domain.surveys import HeldSession, PlannedSession, Programme
from services.evaluation.use_cases import follow
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery) -> None:
    """React to what the evaluation needs to know."""

    @delivery.on(ProgrammePlanned)
    async def on_programme_planned(tx: Transaction, event: ProgrammePlanned, envelope: Envelope) -> None:
        sessions = tuple(PlannedSession(s.session_id, s.starts_at, s.theme) for s in event.sessions)
        programme = Programme(
            programme_id=event.programme_id,
            title=event.title,
            organiser=event.organiser,
            municipality=event.place.municipality,
            place=event.place.name,
            sessions=sessions,
        )
        await follow.follow_programme(tx, programme, envelope.sequence)

    @delivery.on(ParticipantRegistered)
    async def on_participant_registered(tx: Transaction, event: ParticipantRegistered, envelope: Envelope) -> None:
        await follow.follow_registration(
            tx, event.participant_id, event.programme_id, event.role, event.status, envelope.sequence
        )

    @delivery.on(RegistrationPromoted)
    async def on_registration_promoted(tx: Transaction, event: RegistrationPromoted, envelope: Envelope) -> None:
        confirmed = RegistrationStatus.CONFIRMED
        await follow.follow_registration(
            tx, event.participant_id, event.programme_id, event.role, confirmed, envelope.sequence
        )

    @delivery.on(RegistrationCancelled)
    async def on_registration_cancelled(tx: Transaction, event: RegistrationCancelled, envelope: Envelope) -> None:
        cancelled = RegistrationStatus.CANCELLED
        await follow.follow_registration(
            tx, event.participant_id, event.programme_id, event.role, cancelled, envelope.sequence
        )

    @delivery.on(SessionHeld)
    async def on_session_held(tx: Transaction, event: SessionHeld, envelope: Envelope) -> None:
        attended = sum(count.attended for count in event.counts.values())
        session = HeldSession(event.session_id, event.programme_id, event.theme, event.starts_at, attended)
        await follow.follow_session(tx, session, envelope.sequence)

    @delivery.on(AttendanceRecorded)
    async def on_attendance_recorded(tx: Transaction, event: AttendanceRecorded, envelope: Envelope) -> None:
        await follow.follow_attendance(tx, event.session_id, event.programme_id, event.attended, envelope.sequence)

    @delivery.on(AssignmentCompleted)
    async def on_assignment_completed(tx: Transaction, event: AssignmentCompleted, envelope: Envelope) -> None:
        await follow.follow_assignment(
            tx, event.assignment_id, event.programme_id, event.role, event.completed_on, envelope.sequence
        )

    @delivery.on(SurveyInvitationsMinted)
    async def on_survey_invitations_minted(tx: Transaction, event: SurveyInvitationsMinted, _: Envelope) -> None:
        await follow.take_links(tx, event.survey_id, event.token_hashes)
