"""What was lost, doubled, out of order, or parked without a reason."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motesplats_events import ParticipantRegistered, RegistrationCancelled, RegistrationPromoted
from shared import mongo
from shared.delivery import Delivery
from tests.chaos.faults import POISON
from tests.chaos.house import SERVICES, House
from tests.chaos.load import Ledger

QUIET_SECONDS = 240.0
# The store keeps the locks of a killed process's transaction for a minute, and what touches the same rows waits.
CALM_SECONDS = 75.0
LOOK_SECONDS = 0.25
# One state told by several topics, and who keeps its newest version in `registrations`.
STATE_TOPICS = {ParticipantRegistered.topic, RegistrationPromoted.topic, RegistrationCancelled.topic}
STATE_KEEPERS = ("notification", "evaluation")


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
    """Which states of registrations are older than what was published last, over all topics that tell of them.

    Args:
        newest: the highest sequence published, by participant.
        kept: the sequence of the state that this service keeps, by participant.
        waiting: participants of whom an event is parked.
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
        states: the highest sequence of each registration that was published since the audit before.
    """

    sent: dict[str, str] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)
    effects: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    states: dict[str, int] = field(default_factory=dict)
    _last_row: dict[str, str] = field(default_factory=dict)

    def new_effects(self, service: str) -> dict[str, Any]:
        """Which effects are not in `effects`."""
        return {"order": {"$gt": self.effects[service][-1]["order"]}} if self.effects[service] else {}

    async def read(self, service: str, delivery: Delivery) -> None:
        """Read what is new of a service's outbox and effects."""
        new = {"order": {"$gt": self._last_row.get(service, "")}}
        fields = dict.fromkeys(("topic", "order", "key", "sequence"), 1)
        async for row in delivery.db.outbox.find(new, fields).sort("order", 1):
            self.sent[row["_id"]] = row["topic"]
            if row["topic"] in STATE_TOPICS:
                self.states[row["key"]] = max(row["sequence"], self.states.get(row["key"], 0))
            self._last_row[service] = row["order"]
            self.rows[service] += 1
        fresh = delivery.db.chaos_effects.find(self.new_effects(service)).sort("order", 1)
        self.effects[service] += await fresh.to_list(None)


async def audit(house: House, ledger: Ledger, reads: Mapping[str, Sequence[str]], past: Past) -> Findings:
    """Look at every store when everything has been healed and nothing moves any more."""
    deliveries = {service: house.delivery(service) for service in SERVICES}
    try:
        await _until_quiet(deliveries, reads, past)
        found = Findings()
        past.states.clear()
        for service, delivery in deliveries.items():
            await past.read(service, delivery)
        for service, delivery in deliveries.items():
            parked = await delivery.db.parked.find({}, {"key": 1, "topic": 1, "reason": 1}).to_list(None)
            one = compare(past.sent, past.effects[service], reads[service], [row["_id"] for row in parked], service)
            unexplained = [row for row in parked if not (row["key"] or b"").startswith(POISON)]
            one.parked_unexplained += [f"{service}: {row['topic']} {row['_id']} {row['reason']}" for row in unexplained]
            if service in STATE_KEEPERS:
                rows = delivery.db.registrations.find({"_id": {"$in": list(past.states)}}, {"sequence": 1})
                kept = {row["_id"]: row["sequence"] async for row in rows}
                held_up = [(row["key"] or b"").decode(errors="replace") for row in parked]
                one.inverted += outdated(past.states, kept, held_up, service)
            for name in found.counts():
                getattr(found, name).extend(getattr(one, name))
        found.lost += await _missing(deliveries, ledger)
        for service, delivery in deliveries.items():
            if unsent := await delivery.relay.waiting():
                found.lost.append(f"{service}: {unsent} rows of the outbox are not sent")
            if past.rows[service] != (counted := sum((await delivery.relay.sent()).values())):
                found.lost.append(f"{service}: {counted} of {past.rows[service]} rows of the outbox were sent")
        return found
    finally:
        for delivery in deliveries.values():
            mongo.close(delivery.db)


async def _until_quiet(deliveries: Mapping[str, Delivery], reads: Mapping[str, Sequence[str]], past: Past) -> None:
    """Return when all outboxes are sent and every event was applied, or nothing has moved for a while."""
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
        if waiting == 0 and ((handled >= expected and calm >= 2) or calm >= CALM_SECONDS / LOOK_SECONDS):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _missing(deliveries: Mapping[str, Delivery], ledger: Ledger) -> list[str]:
    """Acknowledged operations whose state is not there."""
    db, volunteers = deliveries["registration"].db, deliveries["volunteers"].db
    programmes = {row["_id"] async for row in db.programmes.find({}, {"_id": 1})}
    registrations = await db.registrations.find({}).to_list(None)
    addresses = {row["_id"]: row["email"] async for row in db.people.find({}, {"email": 1})}
    registered = {(row["programme_id"], addresses[row["person_id"]]) for row in registrations}
    cancelled = {(row["programme_id"], row["_id"]) for row in registrations if row["status"] == "cancelled"}
    held = {row["_id"] async for row in db.attendance.find({"held_at": {"$ne": None}}, {"_id": 1})}
    there = {
        "programme": (ledger.programmes, programmes),
        "registration": (ledger.registered, registered),
        "cancellation": (ledger.cancelled, cancelled),
        "held session": (ledger.held, held),
        "volunteer": (ledger.volunteers, {row["_id"] async for row in volunteers.volunteers.find({}, {"_id": 1})}),
        "assignment": (ledger.offered, {row["_id"] async for row in volunteers.assignments.find({}, {"_id": 1})}),
    }
    return [f"acknowledged {kind} {one} is not there" for kind, (said, kept) in there.items() for one in said - kept]  # type: ignore[operator]
