"""What cannot be: a clear message, nothing half-saved, nothing typed lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.registration.settings import Settings
from tests.registration.conftest import Running

FORM = {"role": "patient", "name": "Astrid", "contact": "astrid@example.org", "language": "sv", "consent": "yes"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "king"}, "role"),
        ({"name": ""}, "name"),
        ({"name": "\u202e\u0000 "}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"email": "nonsense"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "", "phone": "12"}, "phone"),
        ({"consent": False}, "consent"),
        ({"language": "xx"}, "language"),
    ],
)
async def test_the_api_names_the_field(service: Running, change: dict[str, Any], field: str) -> None:
    course = await service.plan()
    answer = await service.register(course, "Astrid", **change)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await service.registrations(course))["registrations"] == []


async def test_impossible_plans_are_refused_field_by_field(service: Running) -> None:
    past = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    body = {
        "title": "T",
        "organiser": "O",
        "place": {"name": "P", "municipality": "M"},
        "places": {"patient": -1},
        "sessions": [{"at": past, "minutes": 60, "theme": "X"}],
    }
    answer = await service.staff.post("/api/registration/programmes", json=body)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"places.patient", "sessions.0.at"}
    assert (await service.http.get("/api/registration/programmes")).json() == []


@pytest.mark.parametrize("at", ["2025-02-30T10:00:00Z", "tomorrow", "2030-01-01T10:00:00"])
async def test_dates_that_do_not_exist_are_refused(service: Running, at: str) -> None:
    body = {
        "title": "T",
        "organiser": "O",
        "place": {"name": "P", "municipality": "M"},
        "places": {"patient": 1},
        "sessions": [{"at": at, "minutes": 60, "theme": "X"}],
    }
    answer = await service.staff.post("/api/registration/programmes", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "sessions.0.at"


async def test_registration_after_the_start_is_refused(service: Running) -> None:
    course = await service.plan()
    service.delivery.clock.ahead_by += timedelta(days=22)
    answer = await service.register(course, "Astrid")
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:motesplats:problem:registration-closed")
    page = await service.http.get(f"/programmes/{course['programme_id']}")
    assert "Registration has closed" in page.text


async def test_a_form_with_errors_keeps_what_was_typed(service: Running) -> None:
    course = await service.plan()
    hostile = '<script>alert("x")</script>'
    sent = FORM | {"contact": "astrid at example", "name": hostile}
    answer = await service.http.post(f"/programmes/{course['programme_id']}", data=sent)
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    assert 'href="#contact"' in answer.text
    assert 'value="astrid at example"' in answer.text
    assert "&lt;script&gt;" in answer.text
    assert hostile not in answer.text


@pytest.mark.parametrize("field", ["name", "contact"])
async def test_over_long_text_in_the_form_is_refused_and_kept(service: Running, field: str) -> None:
    course = await service.plan()
    long = "x" * 300 + "@example.org"
    answer = await service.http.post(f"/programmes/{course['programme_id']}", data=FORM | {field: long})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert long in answer.text


def test_the_switch_that_overbooks_is_refused_outside_trials(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="overbooks"):
        Settings(**(given | {"trial": False}), unguarded_places=True)


async def test_the_clock_cannot_be_set_where_no_year_follows(service: Running) -> None:
    answer = await service.staff.put("/api/registration/clock", json={"now": "9999-12-31T00:00:00Z"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "now")


async def test_a_form_without_consent_is_refused_and_the_box_stays_empty(service: Running) -> None:
    course = await service.plan()
    sent = {name: value for name, value in FORM.items() if name != "consent"}
    answer = await service.http.post(f"/programmes/{course['programme_id']}", data=sent)
    assert answer.status_code == 422
    assert 'href="#consent"' in answer.text
    assert 'value="Astrid"' in answer.text


async def test_the_form_registers_without_script_and_says_the_same_twice(service: Running) -> None:
    course = await service.plan(patient=1)
    address = f"/programmes/{course['programme_id']}"
    first = await service.http.post(address, data=FORM)
    second = await service.http.post(address, data=FORM)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"] == f"{address}/registered"
    assert (await service.registrations(course))["counts"]["confirmed"] == 1


@pytest.mark.parametrize("token", ["", "forged", "a.b.c", "x" * 3000])
async def test_a_forged_link_is_gone(service: Running, token: str) -> None:
    answer = await service.http.post("/api/registration/cancellations", json={"token": token})
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:motesplats:problem:gone")


async def test_a_used_an_expired_and_another_purposes_link_are_gone(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    id = (await service.named(course, "Astrid"))["participant_id"]
    for token in (service.link(id, days=-1), service.link(id, purpose="assignment")):
        assert (await service.http.post("/api/registration/cancellations", json={"token": token})).status_code == 410
        assert (await service.http.get(f"/my/{token}")).status_code == 410
    token = service.link(id)
    assert (await service.http.post("/api/registration/cancellations", json={"token": token})).status_code == 200
    assert (await service.http.post("/api/registration/cancellations", json={"token": token})).status_code == 410


async def test_looking_at_the_personal_page_changes_nothing(service: Running) -> None:
    course = await service.plan()
    await service.register(course, "Astrid")
    token = service.link((await service.named(course, "Astrid"))["participant_id"])
    page = await service.http.get(f"/my/{token}")
    assert "You have a place." in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert (await service.named(course, "Astrid"))["status"] == "confirmed"
    id = (await service.named(course, "Astrid"))["participant_id"]
    assert (await service.http.post(f"/my/{token}/registrations/{id}/cancellation")).status_code == 303
    assert "Cancelled" in (await service.http.get(f"/my/{token}")).text
