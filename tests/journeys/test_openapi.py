"""The OpenAPI documents, held to their word: whatever is sent to whatever route, no server error comes back."""

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error

from tests.journeys.things import made
from tests.platforms import Platform

SERVICES = ("registration", "volunteers")
# A clock that was moved far ahead would end the sign-in of every test after this one.
LEFT_OUT = r"/clock$"


@pytest.fixture(scope="module")
def known(platform: Platform) -> dict[str, str]:
    """Ids of things that are there, so that routes about them get further than to say that there is no such thing."""
    return made(platform)


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
