"""The OpenAPI documents, held to their word: whatever is sent to whatever route, no server error comes back."""

from datetime import UTC, datetime, timedelta

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error

from tests.platforms import Platform

SERVICES = ("registration", "volunteers")
# A clock that was moved far ahead would end the sign-in of every test after this one.
LEFT_OUT = r"/clock$"


@pytest.fixture(scope="module")
def known(platform: Platform) -> dict[str, str]:
    """Ids of things that are there, so that routes about them get further than to say that there is no such thing."""
    with httpx.Client(base_url=platform.url, headers=platform.staff) as http:
        plan = {
            "title": "A course",
            "organiser": "Clinic",
            "place": {"name": "The room", "municipality": "Eksjö"},
            "places": {"patient": 2},
            "sessions": [{"at": (datetime.now(UTC) + timedelta(days=30)).isoformat(), "theme": "Coping"}],
        }
        programme = http.post("/api/registration/programmes", json=plan).raise_for_status().json()
        registrations = f"/api/registration/programmes/{programme['programme_id']}/registrations"
        person = {"role": "patient", "name": "Astrid", "email": "astrid@example.org", "consent": True}
        http.post(registrations, json=person).raise_for_status()
        (registration,) = http.get(registrations).raise_for_status().json()["registrations"]
        helper = {"name": "Bo", "email": "bo@example.org", "roles": ["peer"], "municipality": "Eksjö"}
        volunteer = http.post("/api/volunteers/volunteers", json=helper).raise_for_status().json()
    return {
        "programme_id": programme["programme_id"],
        "session_id": programme["sessions"][0]["session_id"],
        "participant_id": registration["participant_id"],
        "volunteer_id": volunteer["volunteer_id"],
    }


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("signed_in", [True, False], ids=["staff", "anybody"])
def test_no_input_leads_to_a_server_error(
    platform: Platform, known: dict[str, str], service: str, signed_in: bool
) -> None:
    schema = schemathesis.openapi.from_url(f"{platform.url}/api/{service}/openapi.json").exclude(path_regex=LEFT_OUT)
    headers = platform.staff if signed_in else {}
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 10
    for operation in operations:

        @hypothesis.seed(4)
        @hypothesis.settings(
            max_examples=12,
            deadline=None,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def send(case: schemathesis.Case) -> None:
            case.path_parameters = {**case.path_parameters, **{n: known[n] for n in case.path_parameters if n in known}}
            case.call_and_validate(headers=headers, checks=[not_a_server_error])

        send()
