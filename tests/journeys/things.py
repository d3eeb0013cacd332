"""One of everything that belongs to somebody, for tests that try every route with the ids of things that are there."""

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from pydantic import SecretStr

from services.cli.where import platform as platform_on
from shared.access import link_token
from shared.settings import Settings
from tests.platforms import Platform

ORGANISER, MUNICIPALITY = "Clinic", "Eksjö"
# What a personal link is for and about, by the first part of its address.
LINKS = {
    "my": ("registration", "participant_id"),
    "lead": ("lead", "hosting_id"),
    "volunteer": ("volunteer", "volunteer_id"),
    "assignments": ("assignment", "assignment_id"),
    "ask": ("request", "request_id"),
}


def links(platform: Platform, things: dict[str, str]) -> dict[str, str]:
    """The tokens of personal links about these things, by the first part of their address."""
    key = SecretStr(platform_on(platform.data).secret_key)
    settings = Settings(kafka_bootstrap_servers="", mongodb_uri=SecretStr(""), secret_key=key)
    ends = datetime.fromisoformat(things["now"]) + timedelta(days=300)
    return {part: link_token(settings, purpose, things[id], ends) for part, (purpose, id) in LINKS.items()}


def made(platform: Platform) -> dict[str, str]:
    """Ids by the names that path parameters have: a course with somebody in it, a drop-in with a host, a request."""
    with httpx.Client(base_url=platform.url, headers=platform.staff, timeout=30) as http:
        now = datetime.fromisoformat(http.get("/api/registration/clock").raise_for_status().json()["now"])
        course = _planned(http, now, "course", {"patient": 2})
        house = _planned(http, now, "drop_in", {}, hosts_needed=1)
        registrations = f"/api/registration/programmes/{course['programme_id']}/registrations"
        email = f"astrid@{uuid4().hex}.example.org"
        person = {"role": "patient", "name": "Astrid", "email": email, "consent": True}
        http.post(registrations, json=person).raise_for_status()
        (registration,) = http.get(registrations).raise_for_status().json()["registrations"]
        (known,) = http.post("/api/registration/people/search", json={"q": email}).raise_for_status().json()
        volunteer_id = _volunteer(http, now)
        request_id = _asked(http, now)
        match = _until(http, f"/api/volunteers/requests/{request_id}", "assignments")
        pattern = {"volunteer_id": volunteer_id, "every": 1, "first_on": now.date().isoformat()}
        _until(http, f"/api/volunteers/rotas/{house['programme_id']}", "shifts")
        rota = f"/api/volunteers/rotas/{house['programme_id']}"
        standing = http.post(f"{rota}/patterns", json=pattern).raise_for_status().json()["pattern"]
        (shift,) = http.get(rota).raise_for_status().json()["shifts"]
        contact = {
            "contact_id": str(uuid4()),
            "volunteer_id": volunteer_id,
            "organiser": ORGANISER,
            "unit": "Norr",
            "municipality": MUNICIPALITY,
            "contacted_on": now.date().isoformat(),
            "about": "Told about the house",
        }
        http.post("/api/volunteers/contacts", json=contact).raise_for_status()
        return {
            "now": now.isoformat(),
            "programme_id": course["programme_id"],
            "house_id": house["programme_id"],
            "shift_id": shift["session_id"],
            "session_id": course["sessions"][0]["session_id"],
            "participant_id": registration["participant_id"],
            "person_id": known["person_id"],
            "volunteer_id": volunteer_id,
            "request_id": request_id,
            "assignment_id": match[0]["assignment_id"],
            "hosting_id": shift["hosts"][0]["assignment_id"],
            "pattern_id": standing["pattern_id"],
            "contact_id": contact["contact_id"],
        }


def _planned(http: httpx.Client, now: datetime, kind: str, places: dict[str, int], **more: Any) -> dict[str, Any]:
    plan = {
        "title": f"A {kind}",
        "kind": kind,
        "organiser": ORGANISER,
        "place": {"name": "The room", "municipality": MUNICIPALITY},
        "places": places,
        "sessions": [{"at": (now + timedelta(days=30)).isoformat(), "theme": "Coping"}],
        **more,
    }
    return dict(http.post("/api/registration/programmes", json=plan).raise_for_status().json())


def _volunteer(http: httpx.Client, now: datetime) -> str:
    today = now.date().isoformat()
    helper = {
        "name": "Bo",
        "email": f"bo@{uuid4().hex}.example.org",
        "roles": ["peer", "host", "patient_supporter"],
        "municipality": MUNICIPALITY,
        "agreement_signed_on": today,
        "trainings": [{"training": "basic", "completed_on": today}],
    }
    return str(http.post("/api/volunteers/volunteers", json=helper).raise_for_status().json()["volunteer_id"])


def _asked(http: httpx.Client, now: datetime) -> str:
    wish = {
        "unit": "The ward",
        "unit_kind": "clinic",
        "organiser": ORGANISER,
        "municipality": MUNICIPALITY,
        "contact_name": "Cecilia",
        "email": "ward@example.org",
        "role": "peer",
        "theme": "Coping",
        "place": "Room 4",
        "at": (now + timedelta(days=20)).isoformat(),
        "consent": True,
    }
    _until(http, "/api/volunteers/programmes", "programmes")
    request_id = str(http.post("/api/volunteers/requests", json=wish).raise_for_status().json()["request_id"])
    http.post(f"/api/volunteers/requests/{request_id}/search").raise_for_status()
    return request_id


def _until(http: httpx.Client, address: str, name: str) -> Any:
    """What a service answers when it has heard of what another has done."""
    for _ in range(200):
        answer = http.get(address)
        if answer.is_success and answer.json()[name]:
            return answer.json()[name]
        time.sleep(0.1)
    raise AssertionError(f"{address} has no {name}: {answer.text}")
