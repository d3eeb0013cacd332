"""What the relay sends, in which order, and what it takes for sent."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError, TopicAuthorizationFailedError
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect
from structlog.testing import capture_logs

from motesplats_events import Event, ParticipantContactChanged
from shared import kafka, mongo
from shared.delivery import Delivery, Reading, Transaction
from shared.delivery.backlog import BATCH, Batch
from shared.delivery.outbox import Progress, Writer
from shared.delivery.relay import LeaseHeldElsewhere, Relay
from shared.delivery.transaction import LARGEST_VALUE, TooLarge
from shared.mongo import Document
from shared.settings import Settings
from tests.delivery.conftest import Reader, all_noted, announce, at_work, completed, lease_of, leased, until

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@given(st.data())
def test_every_row_that_commits_is_read_once_whenever_it_appears(data: st.DataObject) -> None:
    """Transactions take numbers, commit or give up in any order, and the relay reads at any moment."""
    writer, committed, read, progress = Writer(), [], [], Progress(NOW)
    running: list[tuple[list[Document], list[int]]] = []

    def look() -> None:
        nonlocal progress
        found = [row for row in committed if row["n"] > progress.last or row["n"] in progress.gaps]
        progress = progress.after(found, NOW)
        read.extend(row["n"] for row in found)

    for step in data.draw(st.lists(st.sampled_from(["take", "commit", "give up", "look"]), max_size=60)):
        if step == "take":
            with writer.numbering() as numbering:
                rows: list[Document] = [{} for _ in range(data.draw(st.integers(1, 3)))]
                numbering.number(rows)
                # The context would decide them at its end: the transaction goes on.
                running.append((rows, list(numbering.numbers)))
                numbering.numbers.clear()
        elif step == "look":
            look()
        elif running:
            rows, numbers = running.pop(data.draw(st.integers(0, len(running) - 1)))
            if step == "commit":
                committed.extend(rows)
            writer._decide(numbers)
    look()
    assert sorted(read) == sorted(row["n"] for row in committed)


def test_a_number_that_was_given_up_is_forgotten_when_a_later_row_says_so() -> None:
    progress = Progress(NOW).after([{"n": 1, "low": 1}, {"n": 4, "low": 2}], NOW)
    assert progress == Progress(NOW, last=4, gaps=frozenset({2, 3}))
    assert progress.after([{"n": 3, "low": 2}, {"n": 5, "low": 5}], NOW).gaps == frozenset()


async def test_a_transaction_that_commits_late_is_sent_although_later_numbers_have_left(
    writer: Delivery, reader: Reader
) -> None:
    late, early = str(uuid4()), str(uuid4())
    numbered, go_on = asyncio.Event(), asyncio.Event()
    real = Transaction.write_outbox

    async def slow(tx: Transaction) -> bool:
        wrote = await real(tx)
        numbered.set()
        await go_on.wait()
        return wrote

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transaction, "write_outbox", slow)
        waiting = asyncio.create_task(writer.transact(announce(late, 1)))
        await numbered.wait()
    await writer.transact(announce(early, 1))
    await until(lambda: reader.has(early, 1))
    assert await reader.effects(late) == []
    go_on.set()
    await waiting
    await until(lambda: reader.has(late, 1))


async def test_rows_of_a_process_that_was_killed_are_sent_by_another(settings: Settings, reader: Reader) -> None:
    name, subject = f"heirs_{uuid4().hex[:12]}", str(uuid4())
    dead = Delivery(name, settings)
    await dead.indexes()
    for sequence in (1, 2, 3):
        await dead.transact(announce(subject, sequence))
    assert await dead.relay.waiting() == 3
    mongo.close(dead.db)
    async with at_work(Delivery(name, settings)) as heir:
        await until(lambda: reader.has(subject, 3))
        assert [row["sequence"] for row in await reader.effects(subject)] == [1, 2, 3]
        await until(lambda: all_noted(heir))
        assert await heir.relay.sent() == {"assignment-completed": 3}


async def test_a_relay_that_was_overtaken_cannot_note_its_progress(writer: Delivery) -> None:
    await until(lambda: leased(writer))
    await _overtake(writer)
    await writer.transact(announce(str(uuid4()), 1))
    with pytest.raises(LeaseHeldElsewhere):
        await writer.relay._read()
    progress = Batch([], {"$set": {"sent.t": 3}})
    with pytest.raises(LeaseHeldElsewhere):
        await writer.relay._note(progress)
    # The same relay, which has taken the lease anew since it read.
    own = {"holder": writer.relay._holder, "epoch": writer.relay._epoch + 2}
    await writer.db.leases.update_one({"_id": "relay"}, {"$set": own})
    with pytest.raises(LeaseHeldElsewhere):
        await writer.relay._note(progress)
    await asyncio.sleep(0.5)
    assert await writer.relay.waiting() == 1
    assert await writer.relay.sent() == {}


async def test_progress_that_is_noted_twice_counts_once(settings: Settings) -> None:
    """A driver that has no answer asks again, and a store may carry out both."""
    one = Delivery(f"twice_{uuid4().hex[:12]}", settings)
    await one.indexes()
    await one.transact(announce(str(uuid4()), 1))
    await one.relay._hold_lease()
    batch = await one.relay._read()
    await one.relay._note(batch)
    with pytest.raises(LeaseHeldElsewhere):
        await one.relay._note(batch)
    assert await one.relay.sent() == {"assignment-completed": 1}
    await one.db.client.drop_database(one.db.name)
    mongo.close(one.db)


async def test_a_contact_that_an_overtaken_relay_sent_is_said_once_more_by_the_other(
    writer: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Relay._send

    async def slow(relay: Relay, producer: AIOKafkaProducer, rows: Sequence[Document]) -> None:
        await real(relay, producer, rows)
        if relay is writer.relay:
            await _overtake(writer)

    async def nobody(*_: object) -> Mapping[str, Event]:
        return {}

    async def both(tx: Transaction) -> None:
        tx.publish(completed(str(uuid4())), sequence=1)
        tx.publish_current(ParticipantContactChanged, str(uuid4()), sequence=1)

    async def said() -> bool:
        return "again" in await lease_of(writer)

    monkeypatch.setattr(Relay, "_send", slow)
    writer.current(ParticipantContactChanged, nobody)
    await writer.transact(both)
    await until(said)
    other, contact = await writer.db.outbox.find({}).sort("order", 1).to_list(None)
    state = await lease_of(writer)
    assert other["order"] < state["again"]["after"] < contact["order"]
    assert (state["again"]["until"], state["sent"]) == (contact["order"], {})
    assert writer.relay._producer is None


async def test_one_that_cannot_be_read_is_named_and_the_others_are_asked_for_together(
    writer: Delivery, reader: Reader
) -> None:
    before, *subjects = [str(uuid4()) for _ in range(4)]
    spoiled, asked = [subjects[1]], []

    async def current(_: Reading, ids: Sequence[str]) -> Mapping[str, Event]:
        asked.append(list(ids))
        if set(spoiled) & set(ids):
            raise ValueError("this one is spoiled")
        return {}

    async def all_of_them(tx: Transaction) -> None:
        tx.publish(completed(before), sequence=1)
        for subject in subjects:
            tx.publish_current(ParticipantContactChanged, subject, sequence=1)

    async def failed() -> bool:
        return bool(told())

    def told() -> list[Any]:
        return [one["event_id"] for one in lines if one["event"] == "relay_failed"]

    writer.current(ParticipantContactChanged, current)
    with capture_logs() as lines:
        await writer.transact(all_of_them)
        await until(failed)
    await until(lambda: reader.has(before, 1))
    (row,) = await writer.db.outbox.find({"key": spoiled[0]}).to_list(None)
    assert set(told()) == {row["_id"]}
    assert asked[0] == subjects
    spoiled.clear()
    for subject in subjects:
        await until(lambda subject=subject: reader.has(subject, 1))


async def test_a_process_that_ends_in_good_order_is_forgotten_when_its_rows_are_sent(
    settings: Settings, reader: Reader
) -> None:
    name, subject = f"leavers_{uuid4().hex[:12]}", str(uuid4())
    async with at_work(Delivery(name, settings)) as stays:
        leaves = Delivery(name, settings)
        async with leaves.running():
            await leaves.transact(announce(subject, 1))
        mongo.close(leaves.db)
        await until(lambda: reader.has(subject, 1))
        await stays.transact(announce(subject, 2))
        await until(lambda: reader.has(subject, 2))

        async def one_left() -> bool:
            state = await stays.db.leases.find_one({"_id": "relay"})
            return state is not None and len(state["writers"]) == 1

        await until(one_left)


async def test_an_event_larger_than_a_topic_takes_is_refused_before_it_is_committed(writer: Delivery) -> None:
    async def work(tx: Transaction) -> None:
        await tx.db.effects.insert_one({"_id": "state"}, session=tx.session)
        tx.publish(completed("x" * (LARGEST_VALUE + 1)), sequence=1)

    with pytest.raises(TooLarge, match="assignment-completed"):
        await writer.transact(work)
    assert await writer.db.effects.count_documents({}) == 0


async def _overtake(delivery: Delivery) -> None:
    taken = {"holder": "another", "until": datetime.now(UTC) + timedelta(minutes=1)}
    await delivery.db.leases.update_one({"_id": "relay"}, {"$set": taken, "$inc": {"epoch": 1}})


async def test_rows_of_a_process_that_has_stopped_are_not_forgotten_behind_a_long_backlog(
    settings: Settings, reader: Reader
) -> None:
    """One replica has more than a batch, and another, which ended in good order, some rows that are newer."""
    name = f"backlog_{uuid4().hex[:12]}"
    early, late = str(uuid4()), str(uuid4())
    long, stopped = Delivery(name, settings), Delivery(name, settings)
    await long.indexes()

    async def many(tx: Transaction) -> None:
        for sequence in range(BATCH + 100):
            tx.publish(completed(early), sequence=sequence + 1)

    await long.transact(many)
    await stopped.transact(announce(late, 1))
    await stopped.relay.writer_stops()
    assert await long.relay.waiting() == BATCH + 101
    async with at_work(Delivery(name, settings)) as heir:
        await until(lambda: reader.has(late, 1), within=60)
        await until(lambda: reader.has(early, BATCH + 100), within=60)
        await until(lambda: all_noted(heir))
        assert await heir.relay.sent() == {"assignment-completed": BATCH + 101}
    mongo.close(long.db)
    mongo.close(stopped.db)


async def test_a_process_that_comes_back_while_it_is_being_forgotten_stays(writer: Delivery) -> None:
    await until(lambda: leased(writer))
    await writer.relay.know_writer()
    await writer.relay.writer_stops()
    relay = writer.relay
    writer._relay_task.cancel()
    await asyncio.gather(writer._relay_task, return_exceptions=True)
    relay._renew_at = 0.0
    await asyncio.sleep(0.1)
    await relay._hold_lease()
    batch = await relay._read()
    assert "$unset" in batch.change
    await relay.know_writer()
    with pytest.raises(LeaseHeldElsewhere):
        await relay._note(batch)


async def test_a_producer_that_failed_for_good_is_replaced(
    writer: Delivery, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: set[AIOKafkaProducer] = set()
    real = AIOKafkaProducer.send

    async def refusing(producer: AIOKafkaProducer, *args: object, **record: object) -> object:
        if not failed or producer in failed:
            failed.add(producer)
            raise TopicAuthorizationFailedError
        return await real(producer, *args, **record)

    async def cannot_close(producer: AIOKafkaProducer) -> None:
        await close(producer)
        raise RuntimeError("nor closed")

    close = kafka.close
    monkeypatch.setattr(AIOKafkaProducer, "send", refusing)
    monkeypatch.setattr(kafka, "close", cannot_close)
    subject = str(uuid4())
    await writer.transact(announce(subject, 1))
    await until(lambda: reader.has(subject, 1))
    assert len(failed) == 1


async def test_a_relay_that_ends_before_it_learns_that_it_holds_the_lease_lets_it_go(settings: Settings) -> None:
    name = f"ended_{uuid4().hex[:12]}"
    ended, heir = Delivery(name, settings), Delivery(name, settings)
    await ended.relay.prepare()
    unanswered = ended.relay._epoch
    await ended.relay._hold_lease()
    ended.relay._epoch = unanswered
    await ended.relay._let_go()
    await heir.relay._hold_lease()
    assert (await heir.relay._read()).rows == []
    mongo.close(ended.db)
    mongo.close(heir.db)


async def test_an_event_that_the_broker_refuses_is_named_and_sent_when_it_is_taken(
    writer: Delivery, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, refused, refusing = str(uuid4()), str(uuid4()), True
    sent: list[tuple[str, int]] = []
    real = AIOKafkaProducer.send

    async def send(producer: AIOKafkaProducer, topic: str, **record: Any) -> Any:
        one = record["key"].decode(), int(dict(record["headers"])["ce_sequence"])
        sent.append(one)
        if refusing and one == (refused, 2):
            answer = asyncio.get_running_loop().create_future()
            answer.set_exception(MessageSizeTooLargeError())
            return answer
        return await real(producer, topic, **record)

    async def all_of_them(tx: Transaction) -> None:
        tx.publish(completed(taken), sequence=1)
        tx.publish(completed(refused), sequence=1)
        tx.publish(completed(refused), sequence=2)

    async def tried_often() -> bool:
        return sent.count((refused, 2)) >= 5

    monkeypatch.setattr(AIOKafkaProducer, "send", send)
    with capture_logs() as lines:
        await writer.transact(all_of_them)
        await until(tried_often)
        assert await writer.relay.waiting() == 3
        assert sent.count((taken, 1)) < 3, "what is beside it is not sent at every try"
        refusing = False
        await until(lambda: reader.has(refused, 2))
    await until(lambda: all_noted(writer))
    assert [row["sequence"] for row in await reader.effects(refused)] == [1, 2]
    assert {before for before, one in pairwise(sent) if one == (refused, 2)} == {(refused, 1)}
    row = await writer.db.outbox.find_one({"key": refused, "sequence": 2})
    (line,) = [one for one in lines if one["event"] == "relay_failed" and one["service"] == writer.service]
    assert row is not None
    assert (line["event_id"], line["topic"], line["error"]) == (row["_id"], row["topic"], "MessageSizeTooLargeError")


async def test_a_relay_keeps_its_lease_while_it_sends_for_long(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, sends, real = f"slow_{uuid4().hex[:12]}", 0, Relay._send

    async def slow(relay: Relay, producer: AIOKafkaProducer, rows: Sequence[Document]) -> None:
        nonlocal sends
        sends += 1
        await asyncio.sleep(11)
        await real(relay, producer, rows)

    monkeypatch.setattr("shared.delivery.relay.LEASE_SECONDS", 8.0)
    monkeypatch.setattr(Relay, "_send", slow)
    async with at_work(Delivery(name, settings)) as one:
        other = Delivery(name, settings)
        await until(lambda: leased(one))
        epoch = (await lease_of(one))["epoch"]
        async with other.running():
            await one.transact(announce(str(uuid4()), 1))
            await until(lambda: all_noted(one))
            state = await lease_of(one)
            assert (state["epoch"], state["holder"], sends) == (epoch, one.relay._holder, 1)
        mongo.close(other.db)


@pytest.mark.parametrize("learns", ["at once", "later, since the store is away"])
async def test_a_relay_that_loses_its_lease_while_it_sends_stops_and_lets_contacts_be_said_once_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, learns: str
) -> None:
    one, stopped = Delivery(f"overtaken_{uuid4().hex[:12]}", settings), asyncio.Event()
    relay = one.relay
    renewed, send_again = relay._renewed, relay.send_again

    async def endless(*_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async def away(*_: object) -> None:
        raise AutoReconnect("away")

    monkeypatch.setattr("shared.delivery.relay.LEASE_SECONDS", 1.0)
    monkeypatch.setattr(Relay, "_send", endless)
    await one.indexes()
    await relay._hold_lease()
    await _overtake(one)
    if learns != "at once":
        monkeypatch.setattr(relay, "_renewed", away)
    rows = [{"_id": "a", "order": "a1", "value": "{}"}, {"_id": "b", "order": "b1", "value": None}]
    with pytest.raises(LeaseHeldElsewhere if learns == "at once" else AutoReconnect):
        await relay._send_holding_the_lease(Batch(rows, {}))
    assert stopped.is_set()
    assert relay._producer is None
    relay._renew_at = 0.0
    monkeypatch.setattr(relay, "_renewed", renewed)
    monkeypatch.setattr(relay, "send_again", away)
    with pytest.raises(AutoReconnect):
        await relay._hold_lease()
    monkeypatch.setattr(relay, "send_again", send_again)
    with pytest.raises(LeaseHeldElsewhere):
        await relay._hold_lease()
    again = (await lease_of(one))["again"]
    assert "a1" < again["after"] < again["until"] == "b1"
    mongo.close(one.db)


async def test_many_bytes_are_more_than_one_batch(
    settings: Settings, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.delivery.backlog.BATCH_BYTES", 1)
    name, subject = f"large_{uuid4().hex[:12]}", str(uuid4())
    one, other = Delivery(name, settings), Delivery(name, settings)
    await one.indexes()
    for sequence in (1, 3, 5):
        await one.transact(announce(subject, sequence))
        await other.transact(announce(subject, sequence + 1))
    await one.relay._hold_lease()
    assert [row["sequence"] for row in (await one.relay._read()).rows] == [1]
    await one.relay._let_go()
    async with at_work(Delivery(name, settings)) as heir:
        await until(lambda: reader.has(subject, 6))
        assert [row["sequence"] for row in await reader.effects(subject)] == [1, 2, 3, 4, 5, 6]
        await until(lambda: all_noted(heir))
    mongo.close(one.db)
    mongo.close(other.db)


async def test_what_a_process_commits_after_a_long_sleep_is_sent_before_what_followed_it(settings: Settings) -> None:
    name, subject = f"sleepers_{uuid4().hex[:12]}", str(uuid4())
    awake, slept = Delivery(name, settings), Delivery(name, settings)
    await awake.indexes()
    await slept.relay.know_writer()
    seen = {f"writers.{slept._writer.id}.seen": datetime.now(UTC) - timedelta(minutes=11)}
    await awake.db.leases.update_one({"_id": "relay"}, {"$set": seen})
    await awake.relay._hold_lease()
    assert (await awake.relay._read()).rows == [], "all were looked at a moment ago"
    await slept.transact(announce(subject, 1))
    await awake.transact(announce(subject, 2))
    assert [row["sequence"] for row in (await awake.relay._read()).rows] == [1, 2]
    mongo.close(awake.db)
    mongo.close(slept.db)
