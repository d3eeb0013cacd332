"""Invented people, programmes and what is told of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from motesplats_events import (
    ParticipantContactChanged,
    ParticipantRegistered,
    Place,
    PlannedSession,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    RegistrationStatus,
    Role,
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

    def planned(self, moved_by: timedelta = timedelta()) -> ProgrammePlanned:
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
                )
                for week, session_id in enumerate(self.sessions)
            ],
        )

    def registered(self, participant_id: str, position: int | None = None) -> ParticipantRegistered:
        return ParticipantRegistered(
            participant_id=participant_id,
            programme_id=self.programme_id,
            role=Role.PATIENT,
            status=RegistrationStatus.WAITING if position else RegistrationStatus.CONFIRMED,
            position=position,
            organiser=self.organiser,
            municipality="Jönköping",
        )

    def promoted(self, participant_id: str) -> RegistrationPromoted:
        return RegistrationPromoted(participant_id=participant_id, programme_id=self.programme_id, role=Role.PATIENT)

    def cancelled(self, participant_id: str, held_a_place: bool = True) -> RegistrationCancelled:
        return RegistrationCancelled(
            participant_id=participant_id,
            programme_id=self.programme_id,
            role=Role.PATIENT,
            held_a_place=held_a_place,
        )

    def contact(
        self,
        participant_id: str,
        *,
        email: str | None = "astrid@example.org",
        phone: str | None = None,
        language: str = "sv",
        reminders: bool = True,
        name: str = "Astrid",
    ) -> ParticipantContactChanged:
        return ParticipantContactChanged(
            participant_id=participant_id,
            programme_id=self.programme_id,
            name=name,
            email=email,
            phone=phone,
            language=language,
            reminders=reminders,
        )


def somebody() -> str:
    """A participant's id."""
    return str(uuid4())
