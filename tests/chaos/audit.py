"""What was lost, doubled, out of order, or parked without a reason."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motesplats_events import (
    AssignmentChanged,
    AssignmentCompleted,
    AssignmentOffered,
    AttendanceRecorded,
    ParticipantContactChanged,
    ParticipantRegistered,
    PlaceOffered,
    ProgrammePlanned,
    RegistrationCancelled,
    RegistrationPromoted,
    SessionHeld,
    SubjectErased,
    SurveyOpened,
    VolunteerChanged,
    VolunteerContactChanged,
)
from services.notification.store.facts.people import FOR_GOOD
from shared import mongo
from shared.delivery import Delivery
from tests.chaos.faults import POISON
from tests.chaos.findings import Findings, compare, done_twice, never_written, outdated, overbooked, unkept
from tests.chaos.house import SERVICES, House
from tests.chaos.load import PLACES, Ledger

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
        {
            ParticipantRegistered.topic,
            PlaceOffered.topic,
            RegistrationPromoted.topic,
            RegistrationCancelled.topic,
            SubjectErased.topic,
        },
        {("notification", "registrations"), ("evaluation", "registrations")},
    ),
    "programme": (
        {ProgrammePlanned.topic},
        {("notification", "programmes"), ("evaluation", "programmes"), ("volunteers", "programmes")},
    ),
    "held session": ({SessionHeld.topic}, {("evaluation", "sessions")}),
    "attendance": ({AttendanceRecorded.topic}, {("notification", "attendance"), ("evaluation", "attendance")}),
    "survey": ({SurveyOpened.topic}, {("notification", "surveys")}),
    "assignment": (
        {AssignmentChanged.topic},
        {("registration", "staffing"), ("notification", "assignments"), ("evaluation", "tasks")},
    ),
    "offer": ({AssignmentOffered.topic}, {("notification", "offers")}),
    "completed assignment": ({AssignmentCompleted.topic}, {("evaluation", "assignments")}),
    "volunteer": ({VolunteerChanged.topic}, {("evaluation", "volunteers")}),
    "contact": ({ParticipantContactChanged.topic}, {("notification", "contacts")}),
    "volunteer's contact": ({VolunteerContactChanged.topic}, {("notification", "contacts")}),
}
# Where else an id could be left of somebody who was forgotten: collection and field, by service.
TRACES: Mapping[str, Sequence[tuple[str, str]]] = {
    "notification": (("attendance", "attended"), ("repeats", "_id"), ("messages", "recipient")),
    "evaluation": (("attendance", "attended"),),
}
STATE_OF = {topic: state for state, (topics, _) in STATES.items() for topic in topics}


@dataclass
class Past:
    """What earlier audits have read, so that each reads only what is new: a store of many trials is slow to count.

    `order` rises with time, and nothing moves any more when an audit ends.

    Attributes:
        sent: topic by event id, of all services.
        rows: how many rows of each topic each service's outbox has.
        effects: of each service, in the order in which they happened.
        told: topic and key of everything that was published.
        states: the highest sequence of each key that was published since the audit before, by what it tells of.
    """

    sent: dict[str, str] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    rows: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    effects: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    states: defaultdict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    _last_row: dict[str, str] = field(default_factory=dict)

    def new_effects(self, service: str) -> dict[str, Any]:
        """Which effects are not in `effects`."""
        return {"order": {"$gt": self.effects[service][-1]["order"]}} if self.effects[service] else {}

    async def read(self, service: str, delivery: Delivery) -> dict[str, tuple[int, int]]:
        """Read what is new of a service's outbox and effects.

        Returns:
            By topic how many rows were read and how many are noted as sent, where these differ.
        """
        new = {"order": {"$gt": self._last_row.get(service, "")}}
        fields = dict.fromkeys(("topic", "order", "key", "sequence"), 1)
        async for row in delivery.db.outbox.find(new, fields).sort("order", 1):
            self.sent[row["_id"]] = row["topic"]
            self.told.add((row["topic"], row["key"]))
            if state := STATE_OF.get(row["topic"]):
                newest = self.states[state]
                newest[row["key"]] = max(row["sequence"], newest.get(row["key"], 0))
            self._last_row[service] = row["order"]
            self.rows[service][row["topic"]] += 1
        fresh = delivery.db.chaos_effects.find(self.new_effects(service)).sort("order", 1)
        self.effects[service] += await fresh.to_list(None)
        rows, sent = self.rows[service], await delivery.relay.sent()
        return {
            topic: (rows[topic], sent.get(topic, 0))
            for topic in sorted(rows.keys() | sent)
            if rows[topic] != sent.get(topic, 0)
        }

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
        unsent = await _read_all(deliveries, reads, past, house.poison, calm)
        erased = {key for topic, key in past.told if topic == SubjectErased.topic}
        found = Findings(lost=unsent)
        for service, delivery in deliveries.items():
            parked = await delivery.db.parked.find({}, {"key": 1, "topic": 1, "reason": 1}).to_list(None)
            one = compare(past.sent, past.effects[service], reads[service], [row["_id"] for row in parked], service)
            poison = Counter(row["topic"] for row in parked if (row["key"] or b"").startswith(POISON))
            one.lost += unkept(house.poison, poison, reads[service], service)
            unexplained = [row for row in parked if not (row["key"] or b"").startswith(POISON)]
            one.parked_unexplained += [f"{service}: {row['topic']} {row['_id']} {row['reason']}" for row in unexplained]
            held_up = [(row["key"] or b"").decode(errors="replace") for row in parked]
            for state, (_, keepers) in STATES.items():
                newest = past.states[state]
                for collection in [collection for keeper, collection in keepers if keeper == service]:
                    kept = await _kept(delivery, collection, list(newest))
                    one.inverted += outdated(newest, kept, held_up, erased, f"{service}: {state}")
            for collection, field in TRACES.get(service, ()):
                one.inverted += await _traces(delivery, collection, field, sorted(erased))
            for name in found.counts():
                getattr(found, name).extend(getattr(one, name))
        missing, twice = await _compare_with_ledger(deliveries, ledger, past.told)
        found.lost += missing
        found.doubled += twice
        for service, delivery in deliveries.items():
            if waiting := await delivery.relay.waiting():
                found.lost.append(f"{service}: {waiting} rows of the outbox are not sent")
        return found
    finally:
        for delivery in deliveries.values():
            mongo.close(delivery.db)


async def _read_all(
    deliveries: Mapping[str, Delivery],
    reads: Mapping[str, Sequence[str]],
    past: Past,
    poison: Mapping[str, int],
    calm: float,
) -> list[str]:
    """Read everything when nothing moves; where outbox and progress do not agree even then."""
    differ: list[str] = []
    for look in range(LOOKS):
        if look:
            past.begin_anew()
        await _until_quiet(deliveries, reads, past, poison, calm)
        differ = [
            f"{service}: {rows} rows of {topic} in its outbox, {sent} noted as sent"
            for service, delivery in deliveries.items()
            for topic, (rows, sent) in (await past.read(service, delivery)).items()
        ]
        if not differ:
            break
    return differ


async def _until_quiet(
    deliveries: Mapping[str, Delivery],
    reads: Mapping[str, Sequence[str]],
    past: Past,
    poison: Mapping[str, int],
    little: float,
) -> None:
    """Return when all outboxes are sent and every event was applied, or nothing has moved for a while.

    Args:
        poison: how many records that nobody can read were sent, by topic.
        little: for how many seconds nothing is to have moved when all seems to be done.
    """
    end = asyncio.get_running_loop().time() + QUIET_SECONDS
    bad = [sum(poison.get(topic, 0) for topic in reads[service]) for service in deliveries]
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
        done = all(had >= wanted for had, wanted in zip(handled + parked, expected + bad, strict=True))
        if waiting == 0 and calm * LOOK_SECONDS >= (little if done else CALM_SECONDS):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _kept(delivery: Delivery, collection: str, keys: Sequence[str]) -> dict[str, int]:
    """The sequence that a service keeps of each; of what it only keeps that it was forgotten, none."""
    found: dict[str, int] = {}
    for first in range(0, len(keys), 100):
        asked = {"_id": {"$in": keys[first : first + 100]}, "sequence": {"$lt": FOR_GOOD}}
        async for row in delivery.db[collection].find(asked, {"sequence": 1}):
            found[row["_id"]] = row["sequence"]
    return found


async def _traces(delivery: Delivery, collection: str, field: str, erased: Sequence[str]) -> list[str]:
    """What a service still keeps under ids that were forgotten."""
    found: list[str] = []
    for first in range(0, len(erased), 100):
        asked = {field: {"$in": erased[first : first + 100]}}
        rows = delivery.db[collection].find(asked, {field: 1})
        found += [f"{delivery.service}: {collection} {row['_id']} is of somebody forgotten" async for row in rows]
    return found


async def _compare_with_ledger(
    deliveries: Mapping[str, Delivery], ledger: Ledger, told: Collection[tuple[str, str]]
) -> tuple[list[str], list[str]]:
    """Acknowledged operations whose state is not there, or that nobody was told of; and what was done twice."""
    db, volunteers = deliveries["registration"].db, deliveries["volunteers"].db
    titles = {row["_id"]: row["title"] async for row in db.programmes.find({}, {"title": 1})}
    people = {row["_id"]: row["email"] async for row in db.people.find({}, {"email": 1})}
    helpers = {row["_id"]: row["email"] async for row in volunteers.volunteers.find({}, {"email": 1})}
    fields = {"programme_id": 1, "person_id": 1, "status": 1}
    registrations = await db.registrations.find({}, fields).to_list(None)
    # Of somebody who was forgotten nothing leads from the registration to an address.
    known = [row for row in registrations if row["person_id"] in people]
    registered = {(row["programme_id"], people[row["person_id"]]): row["_id"] for row in known}
    nobodys = {row["_id"] for row in registrations} - {row["_id"] for row in known}
    held, attended = set(), set()
    async for row in db.attendance.find({}, {"held_at": 1, "marks": 1}):
        held |= {row["_id"]} if row.get("held_at") else set()
        attended |= {(row["_id"], person) for person, mark in row.get("marks", {}).items() if mark == "attended"}
    done = {row["_id"]: row["status"] async for row in volunteers.assignments.find({}, {"status": 1})}
    there: Mapping[str, tuple[Collection[Any], Collection[Any]]] = {
        "programme": (ledger.programmes, titles),
        "registration": (ledger.registered - ledger.leaving.keys(), registered),
        "cancellation": (
            ledger.cancelled,
            {(row["programme_id"], row["_id"]) for row in registrations if row["status"] == "cancelled"},
        ),
        "attendance": (ledger.attended, attended),
        "held session": (ledger.held, held),
        "forgetting": (ledger.forgotten, nobodys),
        "volunteer": (ledger.volunteers, helpers),
        "assignment": (ledger.accepted, {id for id, status in done.items() if status in ("accepted", "completed")}),
        "completed assignment": (ledger.completed, {id for id, status in done.items() if status == "completed"}),
    }
    missing = [
        f"acknowledged {kind} {one} is not there"
        for kind, (said, kept) in there.items()
        for one in said
        if one not in kept
    ]
    addresses = [(row["programme_id"], people[row["person_id"]]) for row in known]
    placed = [row["programme_id"] for row in registrations if row["status"] == "confirmed"]
    twice = done_twice(titles.values(), addresses, helpers.values()) + overbooked(placed, PLACES)
    return missing + never_written(ledger, registered, told), twice
