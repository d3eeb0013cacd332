"""Every route about a thing, tried by nobody, by another organiser's staff, and by another person: refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr

from services.cli.sign_in import api_token
from services.cli.where import platform as platform_on
from services.evaluation.app import build as evaluation
from services.evaluation.settings import Settings as EvaluationSettings
from services.notification.app import build as notification
from services.notification.settings import Settings as NotificationSettings
from services.registration.app import build as registration
from services.registration.settings import Settings as RegistrationSettings
from services.volunteers.app import build as volunteers
from services.volunteers.settings import Settings as VolunteersSettings
from shared.access import link_token
from shared.settings import Settings
from tests.journeys.things import made
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
# Where a page asks first what is to be done.
FORM = {"do": "pause"}


@pytest.fixture(scope="module")
def things(platform: Platform) -> dict[str, str]:
    return made(platform)


@pytest.fixture(scope="module")
def stranger(platform: Platform) -> dict[str, str]:
    """Request headers of a coordinator of another organiser in another place."""
    key = platform_on(platform.data).secret_key
    return {"Authorization": f"Bearer {api_token(key, 'Lo', ('Another',), ('Tranås',))}"}


def pages() -> Iterator[tuple[str, str]]:
    """Method and path of every page that takes an id."""
    given: dict[str, Any] = {
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "mongodb_uri": "mongodb://127.0.0.1:1/?connect=false",
        "secret_key": "a key for tests that is long enough",
        "trial": True,
    }
    app = FastAPI()
    for service in (
        registration(RegistrationSettings(**given)),
        notification(NotificationSettings(**given)),
        evaluation(EvaluationSettings(**given)),
        volunteers(VolunteersSettings(**given)),
    ):
        for router in service.routers:
            app.include_router(router)
    for route in iter_route_contexts(app.router.routes):
        path = getattr(route, "path", "") or ""
        if "{" in path and not path.startswith("/api/"):
            yield from ((method, path) for method in sorted(getattr(route, "methods", None) or ()))


STAFF_PAGES = [(m, p) for m, p in pages() if p.startswith("/staff/") and not any(own in p for own in ALL_STAFF)]
LINKED_PAGES = [(m, p) for m, p in pages() if "{token}" in p and p.count("{") > 1]


@pytest.mark.parametrize("service", SERVICES)
def test_no_operation_on_a_thing_is_open_to_strangers(
    platform: Platform, things: dict[str, str], stranger: dict[str, str], service: str
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
        wrong += _tried(operation, things, stranger)
    assert tried or service == "notification"
    assert wrong == [], "\n".join(wrong)


def _tried(operation: Any, things: dict[str, str], stranger: dict[str, str]) -> list[str]:
    answers: dict[str, set[int]] = {"nobody": set(), "a stranger": set()}

    @hypothesis.seed(4)
    @hypothesis.settings(
        max_examples=8, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck)
    )
    @hypothesis.given(case=operation.as_strategy())
    def send(case: schemathesis.Case) -> None:
        ids = {name: _own(things, operation.path).get(name, value) for name, value in case.path_parameters.items()}
        case.path_parameters = ids
        for who, headers in (("nobody", {}), ("a stranger", stranger)):
            answers[who].add(case.call(headers=headers).status_code)

    send()
    where = f"{operation.method.upper()} {operation.path}"
    # An answer of 422 says that the body was no body: the others must be refusals, and there must be some.
    told = []
    if answers["nobody"] - {401, 403, 422} or not answers["nobody"] & {401, 403}:
        told.append(f"{where}: nobody gets {sorted(answers['nobody'])}")
    if answers["a stranger"] - {403, 404, 422} or not answers["a stranger"] & REFUSED:
        told.append(f"{where}: a stranger gets {sorted(answers['a stranger'])}")
    return told


def test_no_page_about_a_thing_is_open_to_strangers(
    platform: Platform, things: dict[str, str], stranger: dict[str, str]
) -> None:
    assert len(STAFF_PAGES) > 60
    wrong = []
    with httpx.Client(base_url=platform.url, timeout=30, follow_redirects=False) as http:
        for method, path in STAFF_PAGES:
            address = _filled(path, things)
            given = FORM if method == "POST" else None
            nobody = http.request(method, address, data=given).headers.get("location", "")
            theirs = http.request(method, address, headers=stranger, data=given).status_code
            if not nobody.startswith("/sign-in") or theirs not in REFUSED:
                wrong.append(f"{method} {path}: nobody is sent to {nobody}, a stranger gets {theirs}")
    assert wrong == [], "\n".join(wrong)


def test_no_link_opens_what_is_anothers(platform: Platform, things: dict[str, str]) -> None:
    assert len(LINKED_PAGES) > 15
    key = SecretStr(platform_on(platform.data).secret_key)
    settings = Settings(kafka_bootstrap_servers="", mongodb_uri=SecretStr(""), secret_key=key)
    own = made(platform)
    subjects = {"my": "participant_id", "lead": "hosting_id", "volunteer": "volunteer_id", "ask": "request_id"}
    purposes = {"my": "registration", "lead": "lead", "volunteer": "volunteer", "ask": "request"}
    wrong = []
    with httpx.Client(base_url=platform.url, timeout=30, follow_redirects=False) as http:
        for method, path in LINKED_PAGES:
            kind = path.split("/")[1]
            ends = datetime.now(UTC) + timedelta(days=1)
            token = link_token(settings, purposes[kind], own[subjects[kind]], ends)
            given = {"offer_id": things["hosting_id"]} if method == "POST" else None
            status = http.request(method, _filled(path, {**things, "token": token}), data=given).status_code
            if status not in {403, 404, 410}:
                wrong.append(f"{method} {path}: {status}")
    assert wrong == [], "\n".join(wrong)


def _own(things: dict[str, str], path: str) -> dict[str, str]:
    """The ids as a path means them: shifts and rotas are the house's."""
    if not any(part in path for part in ("/shifts/", "/rotas/", "/volunteers/staffing/", "/lead/", "/rota/")):
        return things
    house = {
        "programme_id": things["house_id"],
        "session_id": things["shift_id"],
        "assignment_id": things["hosting_id"],
    }
    return {**things, **house}


def _filled(path: str, ids: dict[str, str]) -> str:
    """The path with ids; what is not known is somebody's too, and not there."""
    ids = _own(ids, path)
    parts = [
        ids.get(part.strip("{}").partition(":")[0], "00000000-0000-7000-8000-000000000000") if "{" in part else part
        for part in path.split("/")
    ]
    return "/".join(parts)
