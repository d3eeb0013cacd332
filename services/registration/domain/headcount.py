"""Counting visitors where nobody registers: by hour and role, first visits, and the age of who likes to say.

An entry has an id that is made where it is written down. However often it is sent, and in whatever order with
others, it counts once; taken back, it counts no more, even if it is sent again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from motesplats_events import Role
from services.registration.domain.programmes import Session
from shared.errors import Conflict, DomainError

AGE_BANDS = ("0-17", "18-29", "30-49", "50-64", "65-79", "80+")
MOST_AT_ONCE = 500
MOST_ENTRIES = 2_000


class CountedMeanwhile(Conflict):
    """Somebody else has counted since the form was made."""

    code = "counted-meanwhile"


@dataclass(frozen=True, slots=True)
class Entry:
    """Visitors who came at the same time.

    Attributes:
        entry_id: made by who counts.
        hour: of the day, 0 to 23, where the platform is.
        number: how many came; 0 in an entry that only says more of others.
        first_visits: how many of them came for the first time.
        age_bands: how many by age, of those who liked to say.
        undone: taken back.
    """

    entry_id: str
    hour: int
    role: Role
    number: int = 1
    first_visits: int = 0
    age_bands: Mapping[str, int] = field(default_factory=dict)
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Headcount:
    """What the entries come to."""

    visitors: int
    by_role: Mapping[Role, int]
    by_hour: Mapping[int, int]
    first_visits: int
    age_bands: Mapping[str, int]


def summed(entries: Iterable[Entry]) -> Headcount:
    """What all entries come to that were not taken back."""
    by_role: Counter[Role] = Counter()
    by_hour: Counter[int] = Counter()
    ages: Counter[str] = Counter()
    first_visits = 0
    for entry in entries:
        if entry.undone:
            continue
        by_role[entry.role] += entry.number
        by_hour[entry.hour] += entry.number
        ages.update(entry.age_bands)
        first_visits += entry.first_visits
    return Headcount(by_role.total(), +by_role, +by_hour, first_visits, +ages)


def check_headcount(found: Headcount) -> None:
    """Let pass only what can be: not more first visits or ages than visitors.

    Raises:
        DomainError: on the field `first_visits` or `age_bands`.
    """
    if found.first_visits > found.visitors:
        raise DomainError("There cannot be more first visits than visitors", field="first_visits")
    if sum(found.age_bands.values()) > found.visitors:
        raise DomainError("There cannot be more ages than visitors", field="age_bands")
    if not found.age_bands.keys() <= set(AGE_BANDS):
        raise DomainError("Choose one of the answers", field="age_bands")


def counted(entries: Sequence[Entry], entry: Entry) -> Sequence[Entry]:
    """The entries with one more; the same when it is among them already, or was taken back.

    Raises:
        DomainError: see `check_headcount`; or there are too many entries to be true.
    """
    if any(known.entry_id == entry.entry_id for known in entries):
        return entries
    check_headcount(summed([entry]))
    return _bounded([*entries, entry])


def taken_back(entries: Sequence[Entry], entry_id: str) -> Sequence[Entry]:
    """The entries without one. It is remembered, should it arrive (again) afterwards."""
    if any(known.entry_id == entry_id for known in entries):
        return [replace(known, undone=True) if known.entry_id == entry_id else known for known in entries]
    return _bounded([*entries, Entry(entry_id, 0, Role.OTHER, 0, undone=True)])


def corrected(entries: Sequence[Entry], instead: Sequence[Entry], seen: int | None) -> Sequence[Entry]:
    """The entries after staff have said what is right instead of all that was counted.

    Args:
        seen: how many entries there were when the form was made; None to replace whatever there is.

    Raises:
        CountedMeanwhile.
        DomainError: see `check_headcount`.
    """
    if seen is not None and seen != len(entries):
        raise CountedMeanwhile("Somebody has counted since you opened the page. Look at it again and try once more")
    check_headcount(summed(instead))
    return _bounded([*(replace(known, undone=True) for known in entries), *instead])


def last_of(entries: Sequence[Entry]) -> Entry | None:
    """The newest entry that counts."""
    return next((entry for entry in reversed(entries) if not entry.undone), None)


def hour_of(session: Session, now: datetime, zone: ZoneInfo) -> int:
    """The hour in which somebody came who is counted now; who is counted afterwards came before the end."""
    return min(max(now, session.starts_at), session.ends_at).astimezone(zone).hour


def _bounded(entries: Sequence[Entry]) -> Sequence[Entry]:
    if len(entries) > MOST_ENTRIES:
        raise DomainError("There are too many entries to be true. Ask the coordinator to put the headcount right")
    return entries
