"""What was lost, doubled, out of order, or parked without a reason."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motesplats_events import (
    AssignmentChanged,
    AssignmentCompleted,
    AttendanceRecorded,
    Event,
    ParticipantContactChanged,
    ParticipantRegistered,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    SessionHeld,
    VolunteerChanged,
)
from shared import mongo
from shared.delivery import Delivery
from tests.chaos.faults import POISON
from tests.chaos.house import SERVICES, House
from tests.chaos.load import Ledger

QUIET_SECONDS = 240.0
# The store keeps the locks of a killed process's transaction for a minute, and what touches the same rows waits.
CALM_SECONDS = 75.0
LOOK_SECONDS = 0.25
LITTLE_CALM_SECONDS = 0.5
# Somebody may have begun to move while it was read.
LOOKS = 3
# What is told of by which topics, and where services keep its newest version.
STATES: Mapping[str, tuple[Collection[str], Collection[tuple[str, str]]]] = {
    "registration": (
        {ParticipantRegistered.topic, RegistrationPromoted.topic, RegistrationCancelled.topic},
        {("notification", "registrations"), ("evaluation", "registrations")},
    ),
    "programme": ({ProgrammePlanned.topic}, {("notification", "programmes"), ("volunteers", "programmes")}),
    "assignment": ({AssignmentChanged.topic}, {("notification", "assignments")}),
    "contact": ({ParticipantContactChanged.topic}, {("notification", "contacts")}),
}
STATE_OF = {topic: state for state, (topics, _) in STATES.items() for topic in topics}


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


def outdated(newest: Mapping[str, int], kept: Mapping[str, int], waiting: Iterable[str], who: str) -> list[str]:
    """Which states are older than what was published last, over all topics that tell of them.

    Args:
        newest: the highest sequence published, by key.
        kept: the sequence of the state that this service keeps, by key.
        waiting: keys of which an event is parked.
        who: the service's name.
    """
    unsettled = set(waiting)
    return [
        f"{who}: {key} stands at {kept.get(key, 'nothing')}, and {sequence} was published"
        for key, sequence in newest.items()
        if kept.get(key) != sequence and key not in unsettled
    ]


@dataclass
class Past:
    """What earlier audits have read, so that each reads only what is new: a store of many trials is slow to count.

    `order` rises with time, and nothing moves any more when an audit ends.

    Attributes:
        sent: topic by event id, of all services.
        rows: how many rows each service's outbox has.
        effects: of each service, in the order in which they happened.
        told: topic and key of everything that was published.
        states: the highest sequence of each key that was published since the audit before, by what it tells of.
    """

    sent: dict[str, str] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    rows: Counter[str] = field(default_factory=Counter)
    effects: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    states: defaultdict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    _last_row: dict[str, str] = field(default_factory=dict)

    def new_effects(self, service: str) -> dict[str, Any]:
        """Which effects are not in `effects`."""
        return {"order": {"$gt": self.effects[service][-1]["order"]}} if self.effects[service] else {}

    async def read(self, service: str, delivery: Delivery) -> bool:
        """Read what is new of a service's outbox and effects; True if what was read is what was sent."""
        new = {"order": {"$gt": self._last_row.get(service, "")}}
        fields = dict.fromkeys(("topic", "order", "key", "sequence"), 1)
        async for row in delivery.db.outbox.find(new, fields).sort("order", 1):
            self.sent[row["_id"]] = row["topic"]
            self.told.add((row["topic"], row["key"]))
            if state := STATE_OF.get(row["topic"]):
                newest = self.states[state]
                newest[row["key"]] = max(row["sequence"], newest.get(row["key"], 0))
            self._last_row[service] = row["order"]
            self.rows[service] += 1
        fresh = delivery.db.chaos_effects.find(self.new_effects(service)).sort("order", 1)
        self.effects[service] += await fresh.to_list(None)
        return self.rows[service] == sum((await delivery.relay.sent()).values())

    def begin_anew(self) -> None:
        """Read everything once more the next time."""
        self.sent.clear()
        self.told.clear()
        self.rows.clear()
        self.effects.clear()
        self._last_row.clear()


async def audit(house: House, ledger: Ledger, reads: Mapping[str, Sequence[str]], past: Past) -> Findings:
    """Look at every store when everything has been healed and nothing moves any more.

    What is missing, or older than it should be, may be late: a sender that met an outage waits up to a minute before it
    plans anew. It counts when it is still so after nothing has moved for longer than that.
    """
    found = await _audit(house, ledger, reads, past, LITTLE_CALM_SECONDS)
    if found.lost or found.inverted:
        past.begin_anew()
        found = await _audit(house, ledger, reads, past, CALM_SECONDS)
    return found


async def _audit(house: House, ledger: Ledger, reads: Mapping[str, Sequence[str]], past: Past, calm: float) -> Findings:
    deliveries = {service: house.delivery(service) for service in SERVICES}
    try:
        past.states.clear()
        unsent = await _read_all(deliveries, reads, past, calm)
        found = Findings(lost=[f"{service}: what its outbox holds is not what was sent" for service in unsent])
        for service, delivery in deliveries.items():
            parked = await delivery.db.parked.find({}, {"key": 1, "topic": 1, "reason": 1}).to_list(None)
            one = compare(past.sent, past.effects[service], reads[service], [row["_id"] for row in parked], service)
            unexplained = [row for row in parked if not (row["key"] or b"").startswith(POISON)]
            one.parked_unexplained += [f"{service}: {row['topic']} {row['_id']} {row['reason']}" for row in unexplained]
            held_up = [(row["key"] or b"").decode(errors="replace") for row in parked]
            for state, (_, keepers) in STATES.items():
                newest = past.states[state]
                for collection in [collection for keeper, collection in keepers if keeper == service]:
                    kept = await _kept(delivery, collection, list(newest))
                    one.inverted += outdated(newest, kept, held_up, f"{service}: {state}")
            for name in found.counts():
                getattr(found, name).extend(getattr(one, name))
        found.lost += await _missing(deliveries, ledger, past.told)
        for service, delivery in deliveries.items():
            if waiting := await delivery.relay.waiting():
                found.lost.append(f"{service}: {waiting} rows of the outbox are not sent")
        return found
    finally:
        for delivery in deliveries.values():
            mongo.close(delivery.db)


async def _read_all(
    deliveries: Mapping[str, Delivery], reads: Mapping[str, Sequence[str]], past: Past, calm: float
) -> list[str]:
    """Read everything when nothing moves; the services whose outbox and progress do not agree even then."""
    differ: list[str] = []
    for look in range(LOOKS):
        if look:
            past.begin_anew()
        await _until_quiet(deliveries, reads, past, calm)
        differ = [service for service, delivery in deliveries.items() if not await past.read(service, delivery)]
        if not differ:
            break
    return differ


async def _until_quiet(
    deliveries: Mapping[str, Delivery], reads: Mapping[str, Sequence[str]], past: Past, little: float
) -> None:
    """Return when all outboxes are sent and every event was applied, or nothing has moved for a while.

    Args:
        little: for how many seconds nothing is to have moved when all seems to be done.
    """
    end = asyncio.get_running_loop().time() + QUIET_SECONDS
    before, calm = None, 0
    while asyncio.get_running_loop().time() < end:
        waiting = sum([await delivery.relay.waiting() for delivery in deliveries.values()])
        handled = [
            len(past.effects[service]) + await delivery.db.chaos_effects.count_documents(past.new_effects(service))
            for service, delivery in deliveries.items()
        ]
        parked = [await delivery.db.parked.estimated_document_count() for delivery in deliveries.values()]
        sent = [await delivery.relay.sent() for delivery in deliveries.values()]
        expected = [
            sum(number for topics in sent for topic, number in topics.items() if topic in reads[service])
            for service in deliveries
        ]
        state = (waiting, handled, parked)
        calm = calm + 1 if state == before else 0
        before = state
        done = all(had >= wanted for had, wanted in zip(handled, expected, strict=True))
        if waiting == 0 and calm * LOOK_SECONDS >= (little if done else CALM_SECONDS):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _kept(delivery: Delivery, collection: str, keys: Sequence[str]) -> dict[str, int]:
    """The sequence that a service keeps of each."""
    found: dict[str, int] = {}
    for first in range(0, len(keys), 100):
        asked = {"_id": {"$in": keys[first : first + 100]}}
        async for row in delivery.db[collection].find(asked, {"sequence": 1}):
            found[row["_id"]] = row["sequence"]
    return found


async def _missing(deliveries: Mapping[str, Delivery], ledger: Ledger, told: Collection[tuple[str, str]]) -> list[str]:
    """Acknowledged operations whose state is not there, or that nobody was told of."""
    db, volunteers = deliveries["registration"].db, deliveries["volunteers"].db
    addresses = {row["_id"]: row["email"] async for row in db.people.find({}, {"email": 1})}
    fields = {"programme_id": 1, "person_id": 1, "status": 1}
    registrations = await db.registrations.find({}, fields).to_list(None)
    registered = {(row["programme_id"], addresses[row["person_id"]]): row["_id"] for row in registrations}
    held, attended = set(), set()
    async for row in db.attendance.find({}, {"held_at": 1, "marks": 1}):
        held |= {row["_id"]} if row.get("held_at") else set()
        attended |= {(row["_id"], person) for person, mark in row.get("marks", {}).items() if mark == "attended"}
    done = {row["_id"]: row["status"] async for row in volunteers.assignments.find({}, {"status": 1})}
    there: Mapping[str, tuple[Collection[Any], Collection[Any]]] = {
        "programme": (ledger.programmes, {row["_id"] async for row in db.programmes.find({}, {"_id": 1})}),
        "registration": (ledger.registered, registered),
        "cancellation": (
            ledger.cancelled,
            {(row["programme_id"], row["_id"]) for row in registrations if row["status"] == "cancelled"},
        ),
        "attendance": (ledger.attended, attended),
        "held session": (ledger.held, held),
        "volunteer": (ledger.volunteers, {row["_id"] async for row in volunteers.volunteers.find({}, {"_id": 1})}),
        "assignment": (ledger.accepted, {id for id, status in done.items() if status in ("accepted", "completed")}),
        "completed assignment": (ledger.completed, {id for id, status in done.items() if status == "completed"}),
    }
    return [
        *(
            f"acknowledged {kind} {one} is not there"
            for kind, (said, kept) in there.items()
            for one in said
            if one not in kept
        ),
        *never_written(ledger, registered, told),
    ]


def never_written(
    ledger: Ledger, registered: Mapping[tuple[str, str], str], told: Collection[tuple[str, str]]
) -> list[str]:
    """Acknowledged operations that nobody was told of: state without its event.

    Args:
        registered: participant ids by programme and address.
        told: topic and key of every row of every outbox.
    """
    announces: Mapping[type[Event], Iterable[str]] = {
        ProgrammePlanned: ledger.programmes,
        ParticipantRegistered: [registered[one] for one in ledger.registered if one in registered],
        RegistrationCancelled: [participant_id for _, participant_id in ledger.cancelled],
        SessionHeld: ledger.held,
        AttendanceRecorded: ledger.held,
        VolunteerChanged: ledger.volunteers,
        AssignmentChanged: ledger.accepted,
        AssignmentCompleted: ledger.completed,
    }
    return [
        f"{event.topic} {id} was never written"
        for event, ids in announces.items()
        for id in ids
        if (event.topic, id) not in told
    ]
