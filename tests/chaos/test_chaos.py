"""A few attacks in every test run; `make chaos` makes as many as one likes."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.audit import STATES
from tests.chaos.faults import COMES_BY, FAULTS, POISON
from tests.chaos.findings import compare, done_twice, never_written, outdated, overbooked, unkept
from tests.chaos.load import Ledger
from tests.chaos.serve import POINTS
from tests.chaos.trials import control, reads, run
from tests.containers import images

FEW = ("kill at publish_mark", "stop at commit_publish", "store killed", "bad bytes")


@pytest.fixture
def on_real_kafka() -> None:
    if reason := images.cannot_run("kafka", "store"):
        pytest.skip(reason)


@pytest.mark.usefixtures("on_real_kafka")
async def test_nothing_is_lost_doubled_or_out_of_order_under_attack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In every course somebody asks for it.
    monkeypatch.setattr("tests.chaos.load.FORGET", 1.0)
    lines: list[str] = []
    ledger, findings, done = await run(FEW, random.Random(5), tmp_path, lines.append)
    assert findings.clean, lines
    assert list(done) == list(FEW)
    assert ledger.programmes and ledger.registered and ledger.cancelled and ledger.volunteers and ledger.accepted
    assert ledger.forgotten


@pytest.mark.usefixtures("on_real_kafka")
async def test_the_audit_sees_what_is_lost_when_progress_is_noted_before_publishing(tmp_path: Path) -> None:
    findings = await control("marks_first", random.Random(5), tmp_path, lambda _: None)
    assert findings.lost


def effect(event: str, sequence: int, key: str = "a") -> dict[str, Any]:
    return {"event": event, "topic": "t", "key": key, "sequence": sequence}


def test_the_audit_sees_a_loss_a_double_and_an_inversion() -> None:
    sent = {"one": "t", "two": "t", "three": "t", "parked": "t", "elsewhere": "not read"}
    effects = [effect("two", 2), effect("one", 1), effect("two", 2, "b")]
    found = compare(sent, effects, ["t"], ["parked"], "reader")
    assert found.lost == ["reader: t three had no effect"]
    assert found.doubled == ["reader: two had its effect 2 times"]
    assert found.inverted == ["reader: ('t', 'a') 1 after 2"]
    assert not found.clean


def test_the_audit_sees_an_older_state_over_a_newer_one_of_another_topic() -> None:
    published, kept = {"a": 3, "b": 2, "c": 1, "d": 2}, {"a": 2, "b": 2, "d": 1}
    assert outdated(published, kept, ["d"], [], "reader") == [
        "reader: a stands at 2, and 3 was published",
        "reader: c stands at nothing, and 1 was published",
    ]


def test_the_audit_sees_who_was_forgotten_and_is_still_known() -> None:
    published = {"a": 3, "b": 2, "c": 2}
    assert outdated(published, {"a": 3, "c": 2}, [], ["a", "b"], "reader") == ["reader: a was forgotten, and is kept"]


def test_the_audit_sees_what_was_done_twice() -> None:
    registrations = [("p", "a@example.org"), ("q", "a@example.org"), ("p", "a@example.org")]
    assert done_twice(["Course 1", "Course 2", "Course 1"], registrations, ["h@example.org"] * 2) == [
        "programme Course 1 is there 2 times",
        "registration ('p', 'a@example.org') is there 2 times",
        "volunteer h@example.org is there 2 times",
    ]
    assert done_twice(["Course 1"], registrations[:2], ["h@example.org"]) == []


def test_the_audit_sees_a_place_that_was_given_twice() -> None:
    assert overbooked(["p", "q", "p", "p"], 2) == ["programme p: 3 have one of 2 places"]
    assert overbooked(["p", "q", "p"], 2) == []


def test_the_audit_sees_what_was_thrown_away_because_nobody_can_read_it() -> None:
    poison = {"t": 4, "u": 4, "not read": 4}
    assert unkept(poison, {"t": 4, "u": 3}, ["t", "u", "clean"], "reader") == [
        "reader: u: 3 of 4 records that nobody can read were kept"
    ]


def test_every_state_that_is_compared_is_kept_by_a_service_that_hears_of_it() -> None:
    consumed = reads()
    for topics, keepers in STATES.values():
        for service, _ in keepers:
            assert topics <= set(consumed[service])
    assert {service for _, keepers in STATES.values() for service, _ in keepers} == set(consumed)


def test_every_point_is_come_by_and_every_kind_of_fault_is_told_of() -> None:
    assert set(POINTS) <= set(COMES_BY)
    assert len(FAULTS) == 19, "docs/delivery.md has the kinds in a table"


def test_the_audit_sees_state_without_its_event() -> None:
    ledger = Ledger(programmes={"p"}, registered={("p", "a@example.org")}, held={"s"})
    told = {("programme-planned", "p"), ("session-held", "s"), ("attendance-recorded", "s")}
    assert never_written(ledger, {("p", "a@example.org"): "one"}, told) == [
        "participant-registered one was never written"
    ]
    assert never_written(ledger, {("p", "a@example.org"): "one"}, told | {("participant-registered", "one")}) == []


def test_the_audit_sees_that_nobody_was_told_of_somebody_who_was_forgotten() -> None:
    one = ("p", "a@example.org")
    ledger = Ledger(registered={one}, leaving={one: "one"}, forgotten={"one"})
    assert (Ledger() + ledger).leaving == {one: "one"}
    # Nothing leads from the registration to the address any more.
    assert never_written(ledger, {}, {("participant-registered", "one")}) == ["subject-erased one was never written"]
    assert never_written(ledger, {}, {("subject-erased", "one")}) == ["participant-registered one was never written"]


def test_the_audit_finds_nothing_where_all_is_well() -> None:
    sent = {"one": "t", "two": "t"}
    assert compare(sent, [effect("one", 1), effect("two", 2)], ["t"], [], "reader").clean
    assert POISON.endswith(b"-")
