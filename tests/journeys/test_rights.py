"""Every route about a thing, tried by nobody, by another organiser's staff, and by another person: refused."""

from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis

from services.cli.sign_in import api_token
from services.cli.where import platform as platform_on
from tests.journeys.pages import every_page, filled, own_ids
from tests.journeys.things import MUNICIPALITY, ORGANISER, links, made
from tests.platforms import Platform

SERVICES = ("registration", "volunteers", "evaluation", "notification")
# What anybody may see or do, by the way in which it is asked for.
PUBLIC = {
    ("GET", "/api/registration/programmes/{programme_id}"),
    ("POST", "/api/registration/programmes/{programme_id}/registrations"),
    ("GET", "/api/evaluation/results/{programme_id}"),
}
# Of all staff: no thing of an organiser.
ALL_STAFF = ("/code", "/trainings/{code}", "/reports/")
REFUSED = {403, 404}
# A volunteer belongs to an area, and to no organiser.
OF_AN_AREA = ("/api/volunteers/volunteers/", "/staff/volunteers/people/", "/{volunteer_id}")
# Where a page asks first what is to be done.
FORM = {"do": "pause"}


@pytest.fixture(scope="module")
def things(platform: Platform) -> dict[str, str]:
    return made(platform)


@pytest.fixture(scope="module")
def strangers(platform: Platform) -> dict[str, dict[str, str]]:
    """Request headers of coordinators to whom one half of a scope, or neither, gives a right."""
    key = platform_on(platform.data).secret_key
    scopes = {
        "a stranger": ("Another", "Tranås"),
        "another organiser": ("Another", MUNICIPALITY),
        "another area": (ORGANISER, "Tranås"),
    }
    return {
        who: {"Authorization": f"Bearer {api_token(key, 'Lo', (organiser,), (area,))}"}
        for who, (organiser, area) in scopes.items()
    }


STAFF_PAGES = [
    (m, p) for m, p in every_page() if p.startswith("/staff/") and "{" in p and not any(own in p for own in ALL_STAFF)
]
LINKED_PAGES = [(m, p) for m, p in every_page() if "{token}" in p and p.count("{") > 1]


@pytest.mark.parametrize("service", SERVICES)
def test_no_operation_on_a_thing_is_open_to_strangers(
    platform: Platform, things: dict[str, str], strangers: dict[str, dict[str, str]], service: str
) -> None:
    schema = schemathesis.openapi.from_url(f"{platform.url}/api/{service}/openapi.json")
    wrong: list[str] = []
    tried = 0
    for operation in [found.ok() for found in schema.get_all_operations()]:
        names = [parameter.name for parameter in operation.path_parameters]
        way = (operation.method.upper(), operation.path)
        if not set(names) & set(things) or way in PUBLIC:
            continue
        tried += 1
        wrong += _tried(operation, things, _refused(strangers, operation.path))
    assert tried or service == "notification"
    assert wrong == [], "\n".join(wrong)


def _refused(strangers: dict[str, dict[str, str]], path: str) -> dict[str, dict[str, str]]:
    """Those of them who have no right to what this path is about."""
    of_an_area = any(part in path for part in OF_AN_AREA)
    return {who: headers for who, headers in strangers.items() if not (of_an_area and who == "another organiser")}


def _tried(operation: Any, things: dict[str, str], strangers: dict[str, dict[str, str]]) -> list[str]:
    asking = {"nobody": {}, **strangers}
    answers: dict[str, set[int]] = {who: set() for who in asking}

    @hypothesis.seed(4)
    @hypothesis.settings(
        max_examples=8, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
    )
    @hypothesis.given(case=operation.as_strategy())
    def send(case: schemathesis.Case) -> None:
        ids = {name: own_ids(things, operation.path).get(name, value) for name, value in case.path_parameters.items()}
        case.path_parameters = ids
        for who, headers in asking.items():
            answers[who].add(case.call(headers=headers).status_code)

    send()
    where = f"{operation.method.upper()} {operation.path}"
    # An answer of 422 says that the body was no body: the others must be refusals, and there must be some.
    told = []
    for who, got in answers.items():
        refusals = {401, 403} if who == "nobody" else REFUSED
        if got - refusals - {422} or not got & refusals:
            told.append(f"{where}: {who} gets {sorted(got)}")
    return told


def test_no_page_about_a_thing_is_open_to_strangers(
    platform: Platform, things: dict[str, str], strangers: dict[str, dict[str, str]]
) -> None:
    assert len(STAFF_PAGES) > 60
    wrong = []
    with httpx.Client(base_url=platform.url, timeout=30, follow_redirects=False) as http:
        for method, path in STAFF_PAGES:
            address = filled(path, things)
            given = FORM if method == "POST" else None
            nobody = http.request(method, address, data=given).headers.get("location", "")
            if not nobody.startswith("/sign-in"):
                wrong.append(f"{method} {path}: nobody is sent to {nobody}")
            for who, headers in _refused(strangers, path).items():
                status = http.request(method, address, headers=headers, data=given).status_code
                wrong += [] if status in REFUSED else [f"{method} {path}: {who} gets {status}"]
    assert wrong == [], "\n".join(wrong)


def test_no_link_opens_what_is_anothers(platform: Platform, things: dict[str, str]) -> None:
    assert len(LINKED_PAGES) > 15
    tokens = links(platform, made(platform))
    wrong = []
    with httpx.Client(base_url=platform.url, timeout=30, follow_redirects=False) as http:
        for method, path in LINKED_PAGES:
            given = {"offer_id": things["hosting_id"]} if method == "POST" else None
            address = filled(path, {**things, "token": tokens[path.split("/")[1]]})
            status = http.request(method, address, data=given).status_code
            if status not in {403, 404, 410}:
                wrong.append(f"{method} {path}: {status}")
    assert wrong == [], "\n".join(wrong)
