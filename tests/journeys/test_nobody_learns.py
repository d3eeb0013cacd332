"""What a course leaves behind where others can look: no person, no address, no secret of a link."""

import re

import httpx
import pytest

from motesplats_events import EVENTS
from services.cli.play import Result
from tests.platforms import Platform, command

PUBLIC = {event.topic for event in EVENTS if not event.private}


@pytest.fixture
async def secrets(house: Platform, played: Result) -> set[str]:
    """Every name, address and link's token that is on the platform."""
    assert played.differences == []
    found: set[str] = set()
    async with httpx.AsyncClient(base_url=house.url, headers=house.staff, timeout=60) as staff:
        people = (await staff.get(f"/api/registration/programmes/{played.programme_id}/registrations")).json()
        for person in people["registrations"]:
            found |= {person["name"], person["email"]}
        for volunteer in (await staff.get("/api/volunteers/volunteers")).json()["volunteers"]:
            found |= {volunteer["name"], volunteer["email"]}
        after = ""
        while mails := (await staff.get("/api/notification/trial/mail", params={"after": after})).json()["mails"]:
            after = mails[-1]["id"]
            for mail in mails:
                found |= {token for link in mail["links"] if len(token := link.rsplit("/", 1)[1]) > 12}
    assert len(found) > 60
    return found


def check(text: str, secrets: set[str], where: str) -> None:
    """None of the secrets stands in the text."""
    assert [secret for secret in secrets if secret in text] == [], where


def test_no_log_line_holds_a_person_or_a_link(house: Platform, secrets: set[str]) -> None:
    logs = [path for path in house.data.glob("*.log*") if path.is_file()]
    assert any("request" in path.read_text() for path in logs), "there is something to look through"
    for path in [*logs, house.data.parent / f"{house.data.name}.output"]:
        check(path.read_text(), secrets, path.name)


def test_no_public_event_holds_a_person_or_a_link(house: Platform, secrets: set[str]) -> None:
    published = 0
    for service in ("registration", "notification", "evaluation", "volunteers"):
        counts = httpx.get(f"{house.url}/api/{service}/events/counts", headers=house.staff, timeout=60).json()
        published += sum(number for topic, number in counts.items() if topic in PUBLIC)
    tailed = command("tail", "--from-start", "--limit", str(published), "--data", str(house.data))
    assert tailed.returncode == 0, tailed.stderr
    topics = set(re.findall(r'"topic": ?"([a-z-]+)"', tailed.stdout))
    assert {"participant-registered", "session-held", "survey-submitted", "assignment-completed"} <= topics
    assert not topics & {"participant-contact-changed", "attendance-recorded", "survey-invitations-minted"}
    check(tailed.stdout, secrets, "events")


async def test_no_public_page_or_route_shows_a_person(house: Platform, played: Result, secrets: set[str]) -> None:
    id = played.programme_id
    addresses = [
        *(
            "/",
            f"/programmes/{id}",
            f"/programmes/{id}/registered",
            "/results",
            f"/results/{id}",
            "/volunteer",
            "/privacy",
        ),
        *("/api/registration/programmes", f"/api/registration/programmes/{id}", f"/api/evaluation/results/{id}"),
    ]
    async with httpx.AsyncClient(base_url=house.url, timeout=60) as anybody:
        for address in addresses:
            answer = await anybody.get(address)
            assert answer.status_code == 200, address
            check(answer.text, secrets, address)


async def test_personal_pages_send_no_referer_are_not_kept_and_name_no_illness_in_the_title(
    house: Platform, played: Result
) -> None:
    async with httpx.AsyncClient(base_url=house.url, timeout=60) as anybody:
        mails = (await anybody.get("/api/notification/trial/mail", headers=house.staff)).json()["mails"]
        personal = ("/my/", "/surveys/", "/assignments/")
        links = {link for mail in mails for link in mail["links"] if any(part in link for part in personal)}
        assert {part for part in personal for link in links if part in link} == set(personal)
        for link in sorted(links)[::20]:
            page = await anybody.get(link)
            assert page.headers["referrer-policy"] == "no-referrer"
            assert page.headers["cache-control"] == "no-store"
            title = re.search("<title>(.*?)</title>", page.text)
            assert title
            assert "cancer" not in title[1].casefold()
        for mail in mails:
            assert "cancer" not in mail["subject"].casefold()
