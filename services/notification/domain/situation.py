"""What is known around a message or a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.notification.domain.assignments import (
    Assignment,
    accepted_together,
    altered_together,
    ended_together,
    in_whole_programmes,
)
from services.notification.domain.messages import (
    OF_A_WISH,
    OF_AN_ASSIGNMENT,
    SURVEYS,
    Kind,
    Message,
)
from services.notification.domain.people import Contact, Registration, Wish
from services.notification.domain.programmes import MeetingLink, Programme, SessionChange, in_one_go, newest
from services.notification.domain.surveys import Survey


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known at one moment; None: not known.

    Attributes:
        changes: every change of a session of the programme, or of those in which a volunteer does something.
        asked_again: when the person sent the form once more.
        assignments: all that the volunteer was ever asked.
        programmes: those of the assignments, by id.
    """

    programme: Programme | None = None
    registration: Registration | None = None
    contact: Contact | None = None
    survey: Survey | None = None
    asked_again: Sequence[datetime] = ()
    changes: Sequence[SessionChange] = ()
    meeting_link: MeetingLink | None = None
    wish: Wish | None = None
    assignments: Sequence[Assignment] = ()
    programmes: Mapping[str, Programme] = field(default_factory=dict)

    def changes_of(self, programme_id: str) -> Sequence[SessionChange]:
        """Every change of a session of one programme."""
        return [change for change in self.changes if change.programme_id == programme_id]

    def told_of(self, message: Message) -> Sequence[Assignment]:
        """The assignments that a message is about, the earliest first."""
        if message.kind is Kind.ASSIGNMENT_ACCEPTED:
            return accepted_together(self.assignments).get(message.about, [])
        if message.kind is Kind.ASSIGNMENT_CHANGED:
            whole = in_whole_programmes(self.assignments).get(message.about.rpartition("@")[0], [])
            return altered_together(self.assignments).get(message.about, whole)
        if message.kind is Kind.ASSIGNMENT_ENDED:
            return ended_together(self.assignments).get(message.about, [])
        return [one for one in self.assignments if one.assignment_id == message.about]

    def begins_at(self, assignment: Assignment) -> datetime | None:
        """When an assignment begins, as far as that is known."""
        return assignment.begins_at(self.programmes.get(assignment.programme_id))

    def can_tell(self, message: Message) -> bool:
        """Whether enough is known to say if the message is still wanted."""
        if self.contact is None:
            return False
        if message.kind is Kind.VOLUNTEER_WELCOME:
            return True
        if message.kind in OF_A_WISH:
            return self.wish is not None
        if message.kind in OF_AN_ASSIGNMENT:
            return bool(self.assignments)
        if self.programme is None:
            return False
        return (self.survey if message.kind in SURVEYS else self.registration) is not None

    def covers(self, message: Message) -> bool:
        """Whether everything is known that the message says."""
        if not self.can_tell(message):
            return False
        if message.kind in OF_AN_ASSIGNMENT:
            return bool(self.told_of(message)) and all(map(self._shows, self._made_in_one_go(message)))
        if message.kind is Kind.REMINDER:
            assert self.programme is not None
            return self.programme.session(message.about) is not None
        if message.kind is not Kind.SESSION_CHANGED:
            return True
        told = self._made_in_one_go(message)
        return bool(told) and all(map(self._shows, told))

    def _made_in_one_go(self, message: Message) -> Sequence[SessionChange]:
        """The changes of sessions that a message tells of, but for those that were followed by others."""
        changes = self.changes_of(message.programme_id)
        last = newest(changes).values()
        return [one for one in in_one_go(changes).get(message.about.rpartition("@")[2], ()) if one in last]

    def _shows(self, change: SessionChange) -> bool:
        """Whether the programme is known as it is after the change: they are told on two topics."""
        assert self.programme is not None
        session = self.programme.session(change.session_id)
        if change.starts_at is None:
            return session is None or session.cancelled
        if change.starts_at == change.was_at and self.programme.sequence < change.sequence:
            # Another place does not show in the session's time.
            return False
        return session is not None and session.starts_at == change.starts_at
