"""What this service hears from the others, put into its own words."""

from datetime import date, datetime, tzinfo

from motesplats_events import (
    AssignmentChanged,
    AssignmentCompleted,
    AttendanceRecorded,
    Envelope,
    HeadcountRecorded,
    ParticipantRegistered,
    PlaceOffered,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationStatus,
    SessionHeld,
    SubjectErased,
    SufficiencyAnswered,
    SurveyInvitationsMinted,
    UnitContacted,
    VolunteerChanged,
)
from services.evaluation.domain.registrations import News, Step
from services.evaluation.domain.surveys import HeldSession, PlannedSession, Programme
from services.evaluation.use_cases.follow import links, people, programmes, volunteers
from shared.delivery import Delivery, Transaction


def subscribe(delivery: Delivery, zone: tzinfo) -> None:
    """React to what the evaluation needs to know.

    Args:
        zone: in which a moment's day is told.
    """
    _programmes(delivery)
    _people(delivery)
    _volunteers(delivery, zone)

    @delivery.on(SurveyInvitationsMinted)
    async def on_survey_invitations_minted(tx: Transaction, event: SurveyInvitationsMinted, _: Envelope) -> None:
        await links.take_links(tx, event.survey_id, event.token_hashes)


def _programmes(delivery: Delivery) -> None:
    @delivery.on(ProgrammePlanned)
    async def on_programme_planned(tx: Transaction, event: ProgrammePlanned, envelope: Envelope) -> None:
        # What will not take place is neither waited for nor counted.
        sessions = tuple(PlannedSession(s.session_id, s.starts_at, s.theme) for s in event.sessions if not s.cancelled)
        programme = Programme(
            programme_id=event.programme_id,
            title=event.title,
            organiser=event.organiser,
            municipality=event.place.municipality,
            place=event.place.name,
            sessions=sessions,
        )
        await programmes.follow_programme(
            tx,
            programme,
            envelope.sequence,
            kind=event.kind,
            format=event.format,
            lists_people=any(event.places.values()),
            copy_of=event.copy_of,
        )

    @delivery.on(SessionHeld)
    async def on_session_held(tx: Transaction, event: SessionHeld, envelope: Envelope) -> None:
        attended = sum(count.attended for count in event.counts.values())
        session = HeldSession(event.session_id, event.programme_id, event.theme, event.starts_at, attended)
        by_role = {role.value: n for role, n in event.visitors_by_role.items()}
        await programmes.follow_session(tx, session, event.visitors, by_role, envelope.sequence)

    @delivery.on(HeadcountRecorded)
    async def on_headcount_recorded(tx: Transaction, event: HeadcountRecorded, envelope: Envelope) -> None:
        await programmes.follow_headcount(
            tx, event.session_id, event.programme_id, event.first_visits, event.age_bands, envelope.sequence
        )

    @delivery.on(SufficiencyAnswered)
    async def on_sufficiency_answered(tx: Transaction, event: SufficiencyAnswered, envelope: Envelope) -> None:
        await programmes.follow_sufficiency(tx, event.programme_id, event.enough, event.answered_on, envelope.sequence)

    @delivery.on(AssignmentCompleted)
    async def on_assignment_completed(tx: Transaction, event: AssignmentCompleted, envelope: Envelope) -> None:
        await programmes.follow_assignment(
            tx, event.assignment_id, event.programme_id, event.role, event.completed_on, envelope.sequence
        )


def _people(delivery: Delivery) -> None:
    @delivery.on(ParticipantRegistered)
    async def on_participant_registered(tx: Transaction, event: ParticipantRegistered, envelope: Envelope) -> None:
        news = News(
            Step.REGISTERED,
            envelope.time,
            envelope.sequence,
            event.status,
            came_by=event.came_by,
            referred_by=event.referred_by,
            starts_on=event.starts_on,
        )
        await people.follow_registration(tx, event.participant_id, event.programme_id, event.role, news)

    @delivery.on(PlaceOffered)
    async def on_place_offered(tx: Transaction, event: PlaceOffered, envelope: Envelope) -> None:
        news = News(Step.OFFERED, envelope.time, envelope.sequence, RegistrationStatus.OFFERED)
        await people.follow_registration(tx, event.participant_id, event.programme_id, event.role, news)

    @delivery.on(RegistrationPromoted)
    async def on_registration_promoted(tx: Transaction, event: RegistrationPromoted, envelope: Envelope) -> None:
        confirmed = RegistrationStatus.CONFIRMED
        news = News(Step.PROMOTED, envelope.time, envelope.sequence, confirmed, starts_on=event.starts_on)
        await people.follow_registration(tx, event.participant_id, event.programme_id, event.role, news)

    @delivery.on(RegistrationCancelled)
    async def on_registration_cancelled(tx: Transaction, event: RegistrationCancelled, envelope: Envelope) -> None:
        cancelled = RegistrationStatus.CANCELLED
        news = News(Step.CANCELLED, envelope.time, envelope.sequence, cancelled, ended_on=event.ended_on)
        await people.follow_registration(tx, event.participant_id, event.programme_id, event.role, news)

    @delivery.on(AttendanceRecorded)
    async def on_attendance_recorded(tx: Transaction, event: AttendanceRecorded, envelope: Envelope) -> None:
        await people.follow_attendance(tx, event.session_id, event.programme_id, event.attended, envelope.sequence)

    @delivery.on(SubjectErased)
    async def on_subject_erased(tx: Transaction, event: SubjectErased, _: Envelope) -> None:
        await people.forget(tx, event.subject_id)


def _volunteers(delivery: Delivery, zone: tzinfo) -> None:
    def day(moment: datetime) -> date:
        return moment.astimezone(zone).date()

    @delivery.on(VolunteerChanged)
    async def on_volunteer_changed(tx: Transaction, event: VolunteerChanged, envelope: Envelope) -> None:
        await volunteers.follow_volunteer(tx, event, day(envelope.time), envelope.sequence)

    @delivery.on(AssignmentChanged)
    async def on_assignment_changed(tx: Transaction, event: AssignmentChanged, envelope: Envelope) -> None:
        on = day(event.at) if event.at else None
        await volunteers.follow_task(tx, event, day(event.offered_at), on, envelope.sequence)

    @delivery.on(UnitContacted)
    async def on_unit_contacted(tx: Transaction, event: UnitContacted, envelope: Envelope) -> None:
        await volunteers.follow_contact(tx, event, envelope.sequence)
