"""A programme again in a new season."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.registration.domain.programmes import FURTHEST_AHEAD, Programme
from services.registration.domain.queue import answer_by
from shared.errors import Conflict, DomainError


class NotTheSame(Conflict):
    """A queue is only carried over to a programme of the same sort that is still to begin."""

    code = "not-the-same"


def check_first(first: date, today: date) -> None:
    """Let pass only a first day of a copy that can be planned.

    Raises:
        DomainError: it has been, or is too far ahead; on the field `first`.
    """
    if first < today:
        raise DomainError("This time has passed; choose a later one", field="first")
    if first > today + FURTHEST_AHEAD:
        raise DomainError("This is more than five years ahead; check the year", field="first")


def dates_again(programme: Programme, first: date, zone: ZoneInfo) -> Sequence[datetime]:
    """The dates of a copy: as many days apart and at the same times of day, the first on `first`."""
    local = [session.starts_at.astimezone(zone) for session in programme.to_take_place]
    if not local:
        return []
    later = first - local[0].date()
    return [datetime.combine(moment.date() + later, moment.time(), tzinfo=zone) for moment in local]


def entries_again(programme: Programme, first: date, zone: ZoneInfo) -> Sequence[date]:
    """The entry days of a copy: as many days before or after its sessions as they were."""
    if not programme.to_take_place:
        return []
    later = first - programme.to_take_place[0].starts_at.astimezone(zone).date()
    return [day + later for day in programme.entries]


def check_carry_over(programme: Programme, to: Programme, now: datetime, zone: ZoneInfo) -> None:
    """Let pass only what those who wait have waited for.

    Raises:
        NotTheSame.
    """
    if to.programme_id == programme.programme_id:
        raise NotTheSame("Choose another programme than the one they wait for", field="to")
    if to.kind is not programme.kind:
        raise NotTheSame("The other programme is of another kind", field="to")
    if not to.open_for_registration(now) or answer_by(to, now, zone) is None:
        raise NotTheSame("The other programme has begun, or begins too soon to ask anybody", field="to")


def next_first(programme: Programme, now: datetime, zone: ZoneInfo) -> date:
    """The first day that is proposed for a copy: the same weekday, in three to four weeks."""
    early = now.astimezone(zone).date() + timedelta(weeks=3)
    sessions = programme.to_take_place
    weekday = sessions[0].starts_at.astimezone(zone).weekday() if sessions else early.weekday()
    return early + timedelta(days=(weekday - early.weekday()) % 7)
