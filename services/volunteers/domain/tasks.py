"""What somebody can be asked to do: in a programme, at one session of it, or for a unit."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from motesplats_events import VolunteerRole
from services.volunteers.domain.programmes import Programme, Session
from shared.errors import DomainError


class HostsStandOnTheRota(DomainError):
    """Where each session wants hosts, nobody is host of them all at once: the rota would still look empty."""

    code = "hosts-stand-on-the-rota"


@dataclass(frozen=True, slots=True)
class Span:
    """A time at which somebody has to be there."""

    starts_at: datetime
    ends_at: datetime

    def meets(self, other: "Span") -> bool:
        """Whether the two have a moment in common."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody can be asked to do.

    Attributes:
        title: what it is called to the volunteer.
        place: where it is done.
        programme_id: empty where a unit asks, outside any programme.
        session_id: where it is for one session, such as a shift or a lecture; None for a whole programme.
        request_id: what a unit asked for; None inside a programme.
        times: when somebody has to be there, the earliest first; empty where that is agreed later.
        themes: what is spoken about in the programme, as far as that is known while somebody is asked; not kept.
        programme_title: the same of what the programme is called, which `title` need not say.
    """

    role: VolunteerRole
    title: str
    organiser: str
    municipality: str
    place: str
    programme_id: str = ""
    session_id: str | None = None
    request_id: str | None = None
    times: Sequence[Span] = ()
    themes: Sequence[str] = field(default=(), compare=False)
    programme_title: str = field(default="", compare=False)

    @property
    def at(self) -> datetime | None:
        """When it begins; None where that is agreed later."""
        return self.times[0].starts_at if self.times else None

    @property
    def until(self) -> datetime | None:
        """When it ends; None where that is agreed later."""
        return self.times[-1].ends_at if self.times else None


def whole_programme(programme: Programme, role: VolunteerRole, title: str, now: datetime) -> Task:
    """To be there from the next session to the last.

    Args:
        title: empty for the programme's own.

    Raises:
        ProgrammeIsOver: no session is to come.
        HostsStandOnTheRota: it is as host, and the programme has shifts.
    """
    programme.next_session(now)
    if role is VolunteerRole.HOST and programme.hosts_needed:
        raise HostsStandOnTheRota(
            "This programme has a rota. Put hosts on its shifts there, one by one or by a pattern, or ask them for one",
            field="role",
        )
    coming = programme.coming(now)
    return Task(
        role=role,
        title=title or programme.title,
        organiser=programme.organiser,
        municipality=programme.municipality,
        place=programme.place,
        programme_id=programme.programme_id,
        times=[_span(session) for session in coming],
        themes=_themes(programme, coming),
        programme_title=programme.title,
    )


def one_session(programme: Programme, session_id: str, role: VolunteerRole, title: str) -> Task:
    """To be there at one session, such as a shift or a lecture.

    Args:
        title: empty for the programme's own.

    Raises:
        SessionNotFound.
    """
    session = programme.session(session_id)
    return Task(
        role=role,
        title=title or programme.title,
        organiser=programme.organiser,
        municipality=programme.municipality,
        place=session.room or programme.place,
        programme_id=programme.programme_id,
        session_id=session_id,
        times=[_span(session)],
        themes=_themes(programme, [session]),
        programme_title=programme.title,
    )


def planned_task(programme: Programme, task: Task, since: datetime, now: datetime) -> Task | None:
    """A task in a programme that was planned anew; None when there is nothing to do, and nothing was.

    Args:
        since: sessions before this were never part of it.
    """
    if task.session_id is None:
        sessions = [session for session in programme.planned(now) if session.starts_at > since]
        place = programme.place
    else:
        sessions = [session for session in programme.planned(now) if session.session_id == task.session_id]
        place = (sessions[0].room if sessions else None) or programme.place
    if not sessions:
        return None
    return replace(
        task,
        place=place,
        municipality=programme.municipality,
        times=[_span(one) for one in sessions],
        themes=_themes(programme, sessions),
        programme_title=programme.title,
    )


def begun(task: Task, by: datetime) -> Task | None:
    """What of a task had begun by then; None where nothing had, or its time was still to be agreed."""
    times = [span for span in task.times if span.starts_at <= by]
    return replace(task, times=times) if times else None


def _themes(programme: Programme, sessions: Sequence[Session]) -> Sequence[str]:
    return [programme.about, *(session.theme for session in sessions)]


def _span(session: Session) -> Span:
    return Span(session.starts_at, session.ends_at)


def same(one: Task, other: Task) -> bool:
    """Whether nobody is asked for both: as the same, in the same programme and session or for the same request."""
    return one.role is other.role and (one.programme_id, one.session_id, one.request_id) == (
        other.programme_id,
        other.session_id,
        other.request_id,
    )


def beside(one: Task, other: Task) -> bool:
    """Whether somebody can do both at a session that is part of both: as host and as peer, not twice as the same."""
    of_one = one.session_id == other.session_id or None in (one.session_id, other.session_id)
    return bool(one.programme_id) and one.programme_id == other.programme_id and one.role is not other.role and of_one
