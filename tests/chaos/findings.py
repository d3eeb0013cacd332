"""What can be wrong when everything has been healed, each found by a function of what was read."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motesplats_events import (
    AssignmentChanged,
    AssignmentCompleted,
    AttendanceRecorded,
    Event,
    ParticipantRegistered,
    ProgrammePlanned,
    RegistrationCancelled,
    SessionHeld,
    SubjectErased,
    VolunteerChanged,
)
from tests.chaos.load import Ledger


@dataclass
class Findings:
    """Each a list of what was found, in words."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    inverted: list[str] = field(default_factory=list)
    parked_unexplained: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.lost or self.doubled or self.inverted or self.parked_unexplained)

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {name: len(getattr(self, name)) for name in ("lost", "doubled", "inverted", "parked_unexplained")}


def compare(
    sent: Mapping[str, str], effects: Sequence[Mapping[str, Any]], reads: Iterable[str], parked: Iterable[str], who: str
) -> Findings:
    """What a service made of the events that were published.

    Args:
        sent: topic by event id, of all services.
        effects: of this service, in the order in which they happened, with `event`, `topic`, `key` and `sequence`.
        reads: the topics that it consumes.
        parked: ids of events that wait in it.
        who: its name.
    """
    found = Findings()
    topics, waiting = set(reads), set(parked)
    times = Counter(effect["event"] for effect in effects)
    found.doubled += [f"{who}: {event} had its effect {n} times" for event, n in times.items() if n > 1]
    found.lost += [
        f"{who}: {topic} {event} had no effect"
        for event, topic in sent.items()
        if topic in topics and event not in times and event not in waiting
    ]
    newest: defaultdict[tuple[str, str], int] = defaultdict(int)
    for effect in effects:
        key = (effect["topic"], effect["key"])
        if effect["sequence"] < newest[key]:
            found.inverted.append(f"{who}: {key} {effect['sequence']} after {newest[key]}")
        newest[key] = max(newest[key], effect["sequence"])
    return found


def outdated(
    newest: Mapping[str, int], kept: Mapping[str, int], waiting: Iterable[str], erased: Collection[str], who: str
) -> list[str]:
    """Which states are older than what was published last, over all topics that tell of them.

    Args:
        newest: the highest sequence published, by key.
        kept: the sequence of the state that this service keeps, by key.
        waiting: keys of which an event is parked.
        erased: keys of which nothing is to be kept any more.
        who: the service's name.
    """
    unsettled = set(waiting)
    found = []
    for key, sequence in newest.items():
        if key in unsettled:
            continue
        if key in erased:
            found += [f"{who}: {key} was forgotten, and is kept"] if key in kept else []
        elif kept.get(key) != sequence:
            found.append(f"{who}: {key} stands at {kept.get(key, 'nothing')}, and {sequence} was published")
    return found


def done_twice(
    programmes: Iterable[str], registrations: Iterable[tuple[str, str]], volunteers: Iterable[str]
) -> list[str]:
    """What is there more often than it was asked for: nobody repeats a request, and every title and address is new.

    Args:
        programmes: their titles.
        registrations: programme and address of each row.
        volunteers: their addresses.
    """
    there: Mapping[str, Iterable[Any]] = {
        "programme": programmes,
        "registration": registrations,
        "volunteer": volunteers,
    }
    return [
        f"{kind} {one} is there {number} times"
        for kind, all_of_them in there.items()
        for one, number in Counter(all_of_them).items()
        if number > 1
    ]


def overbooked(placed: Iterable[str], places: int) -> list[str]:
    """Programmes in which a place was given twice.

    Args:
        placed: the programme of each registration with a place.
        places: of every programme.
    """
    return [
        f"programme {programme}: {number} have one of {places} places"
        for programme, number in Counter(placed).items()
        if number > places
    ]


def unkept(poison: Mapping[str, int], parked: Mapping[str, int], reads: Iterable[str], who: str) -> list[str]:
    """What nobody can read and was not stored whole.

    Args:
        poison: how many such records were sent, by topic.
        parked: how many of them are parked, by topic.
        reads: the topics that this service consumes.
        who: its name.
    """
    return [
        f"{who}: {topic}: {parked.get(topic, 0)} of {poison[topic]} records that nobody can read were kept"
        for topic in reads
        if parked.get(topic, 0) < poison.get(topic, 0)
    ]


def never_written(
    ledger: Ledger, registered: Mapping[tuple[str, str], str], told: Collection[tuple[str, str]]
) -> list[str]:
    """Acknowledged operations that nobody was told of: state without its event.

    Args:
        registered: participant ids by programme and address.
        told: topic and key of every row of every outbox.
    """
    ids = {**registered, **ledger.leaving}
    announces: Mapping[type[Event], Iterable[str]] = {
        ProgrammePlanned: ledger.programmes,
        ParticipantRegistered: [ids[one] for one in ledger.registered if one in ids],
        RegistrationCancelled: [participant_id for _, participant_id in ledger.cancelled],
        SessionHeld: ledger.held,
        AttendanceRecorded: ledger.held,
        VolunteerChanged: ledger.volunteers,
        AssignmentChanged: ledger.accepted,
        AssignmentCompleted: ledger.completed,
        SubjectErased: ledger.forgotten,
    }
    return [
        f"{event.topic} {id} was never written"
        for event, all_of_them in announces.items()
        for id in all_of_them
        if (event.topic, id) not in told
    ]
