"""Invented people, programmes and what is told of them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from motesplats_events import (
    ApplicationAnswered,
    AssignmentChanged,
    AssignmentStatus,
    CancellationReason,
    Format,
    GuestBooked,
    MeetingLinkChanged,
    ParticipantContactChanged,
    ParticipantRegistered,
    Place,
    PlaceOffered,
    PlannedSession,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationStatus,
    Role,
    SessionChanged,
    VolunteerContactChanged,
    VolunteerRole,
    WishChanged,
)

FIRST = datetime(2025, 1, 28, 16, 0, tzinfo=UTC)


@dataclass
class Course:
    """A programme of weekly sessions."""

    starts_at: datetime = FIRST
    weeks: int = 2
    programme_id: str = field(default_factory=lambda: str(uuid4()))
    organiser: str = "Onkologkliniken"
    title: str = "Att leva med cancer"

    @property
    def sessions(self) -> list[str]:
        return [f"{self.programme_id}-{week}" for week in range(self.weeks)]

    def planned(
        self,
        moved_by: timedelta = timedelta(),
        *,
        cancelled: bool = False,
        without: Collection[str] = (),
        format: Format = Format.PHYSICAL,
    ) -> ProgrammePlanned:
        """The programme.

        Args:
            moved_by: how much later every session is than at first.
            without: sessions that are cancelled.
        """
        return ProgrammePlanned(
            programme_id=self.programme_id,
            title=self.title,
            organiser=self.organiser,
            kind="course",
            place=Place(name="Konferensrummet", municipality="Jönköping"),
            places={Role.PATIENT: 12},
            sessions=[
                PlannedSession(
                    session_id=session_id,
                    starts_at=self.starts_at + timedelta(weeks=week) + moved_by,
                    minutes=120,
                    theme=f"Tema {week + 1}",
                    cancelled=session_id in without,
                )
                for week, session_id in enumerate(self.sessions)
            ],
            format=format,
            cancelled=cancelled,
        )

    def session_changed(self, week: int, was: timedelta = timedelta(), now: timedelta | None = None) -> SessionChanged:
        """A session was moved or cancelled.

        Args:
            was, now: how much later than at first it was, and is; None: it is cancelled.
        """
        first = self.starts_at + timedelta(weeks=week)
        return SessionChanged(
            session_id=self.sessions[week],
            programme_id=self.programme_id,
            organiser=self.organiser,
            was_at=first + was,
            starts_at=None if now is None else first + now,
        )

    def meets_at(self, url: str | None) -> MeetingLinkChanged:
        return MeetingLinkChanged(programme_id=self.programme_id, url=url)

    def registered(
        self, participant_id: str, position: int | None = None, *, applied: bool = False
    ) -> ParticipantRegistered:
        status = RegistrationStatus.WAITING if position else RegistrationStatus.CONFIRMED
        return ParticipantRegistered(
            participant_id=participant_id,
            programme_id=self.programme_id,
            role=Role.PATIENT,
            status=RegistrationStatus.APPLIED if applied else status,
            position=position,
            organiser=self.organiser,
            municipality="Jönköping",
        )

    def promoted(self, participant_id: str) -> RegistrationPromoted:
        return RegistrationPromoted(participant_id=participant_id, programme_id=self.programme_id, role=Role.PATIENT)

    def offered(self, participant_id: str, answer_by: datetime) -> PlaceOffered:
        return PlaceOffered(
            participant_id=participant_id,
            programme_id=self.programme_id,
            role=Role.OTHER,
            answer_by=answer_by,
        )

    def answered(self, participant_id: str, accepted: bool, reason: str = "") -> ApplicationAnswered:
        return ApplicationAnswered(
            participant_id=participant_id, programme_id=self.programme_id, accepted=accepted, reason=reason
        )

    def guest(self, participant_id: str, week: int, booked: bool = True) -> GuestBooked:
        return GuestBooked(
            participant_id=participant_id,
            programme_id=self.programme_id,
            session_id=self.sessions[week],
            role=Role.PATIENT,
            booked=booked,
        )

    def cancelled(
        self,
        participant_id: str,
        held_a_place: bool = True,
        reason: CancellationReason = CancellationReason.OWN,
    ) -> RegistrationCancelled:
        return RegistrationCancelled(
            participant_id=participant_id,
            programme_id=self.programme_id,
            role=Role.PATIENT,
            held_a_place=held_a_place,
            reason=reason,
        )

    def contact(
        self,
        participant_id: str,
        *,
        email: str | None = "astrid@example.org",
        phone: str | None = None,
        address: str | None = None,
        language: str = "sv",
        reminders: bool = True,
        name: str = "Astrid",
        paused: bool = False,
        protected: bool = False,
    ) -> ParticipantContactChanged:
        return ParticipantContactChanged(
            participant_id=participant_id,
            programme_id=self.programme_id,
            name=name,
            email=email,
            phone=phone,
            address=address,
            language=language,
            reminders=reminders,
            paused=paused,
            protected=protected,
        )


def somebody() -> str:
    """A participant's, wish's or volunteer's id."""
    return str(uuid4())


def enrolled(
    volunteer_id: str, email: str | None = "ingrid@example.org", **more: str | None
) -> VolunteerContactChanged:
    """A volunteer can be reached."""
    return VolunteerContactChanged(volunteer_id=volunteer_id, name="Ingrid", email=email, language="sv", **more)


def assigned(volunteer_id: str, status: AssignmentStatus, offered_at: datetime, **more: object) -> AssignmentChanged:
    """An assignment as it stands; a shift of a host in no programme that is known, unless `more` says otherwise."""
    fields: dict[str, object] = {
        "assignment_id": f"assignment-{volunteer_id}",
        "volunteer_id": volunteer_id,
        "role": VolunteerRole.HOST,
        "status": status,
        "programme_id": "a-house",
        "organiser": "Föreningen",
        "municipality": "Tranås",
        "title": "Värd i huset",
        "place": "Huset",
        "answer_by": offered_at + timedelta(days=7),
        "offered_at": offered_at,
        **more,
    }
    return AssignmentChanged(**fields)


def wished(wish_id: str, *, open: bool = True, position: int | None = None) -> WishChanged:
    """Somebody waits for any learning café on heart failure in Jönköping."""
    return WishChanged(
        wish_id=wish_id,
        kind="learning_cafe",
        about="hjärtsvikt",
        municipality="Jönköping",
        role=Role.RELATIVE,
        open=open,
        position=position,
    )
