"""A coordinator's day and a volunteer's way, walked in Chromium without script."""

import asyncio
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.conftest import SCREENS
from tests.journeys.mails import newest
from tests.journeys.pages import page
from tests.platforms import Platform, started

DESK, PHONE = 1280, 320


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform of this file's own: the clock is moved beyond what the others play."""
    with started(tmp_path_factory.mktemp("walks") / "data", "--no-demo") as running:
        yield running


async def test_a_coordinators_day(chromium: Browser, house: Platform) -> None:
    async with (
        httpx.AsyncClient(base_url=house.url, headers=house.staff, timeout=60) as api,
        page(chromium, house, DESK, "en", staff=True, script=False) as desk,
        page(chromium, house, PHONE, "en", staff=True, script=False) as phone,
    ):
        for name, role in (("Hanna Host", "host"), ("Lars Leader", "group_leader"), ("Pia Leader", "group_leader")):
            await _enrol(api, name, role)
        start = (await _now(api) + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
        group = await _plan(desk, house, "Men by the fire", "mens_group", start, patient="1", promotion="offer")
        await _plan(desk, house, "The open house", "drop_in", start, hosts="1")

        for name in ("Arvid Example", "Bror Example"):
            await desk.goto(f"{house.url}/staff/programmes/{group}/register")
            await desk.locator("#role").check()
            await desk.get_by_label("Name", exact=True).fill(name)
            await desk.locator("#contact").fill(f"{name.split()[0].lower()}@example.org")
            await desk.locator("#consent").check()
            await desk.get_by_role("button", name="Register").click()
        await desk.goto(f"{house.url}/staff/programmes/{group}")
        await desk.get_by_role("link", name="Open Arvid Example").click()
        await desk.get_by_role("button", name="Cancel the registration").click()

        await _shows(desk, f"{house.url}/staff", "0 of 1 hosts", "0 of 2 facilitators", "One place is offered")
        await _look(desk, "coordinator-1-morning")
        await desk.get_by_role("link", name=re.compile(r"^Ask volunteers\s?, The open house")).click()
        await desk.locator("#rota h3 a").first.click()
        await desk.locator("#volunteer_id").select_option(label="Hanna Host, Eksjö")
        await desk.get_by_role("button", name="Put on the shift").click()
        await expect(desk.get_by_text("Enough hosts").first).to_be_visible()
        await _look(desk, "coordinator-2-shift")
        await desk.goto(f"{house.url}/staff")
        await desk.get_by_role("link", name=re.compile(r"^Ask volunteers\s?, Men by the fire")).click()
        for name in ("Lars Leader", "Pia Leader"):
            await desk.locator("#volunteer_id").select_option(label=f"{name} – Group leader, Eksjö")
            await desk.get_by_role("radio", name="Yes, they have said yes").check()
            await desk.get_by_role("button", name="Add", exact=True).click()
        await expect(desk.get_by_text("Complete")).to_be_visible()

        await desk.goto(f"{house.url}/staff/programmes/{group}")
        await desk.get_by_role("link", name="Open Bror Example").click()
        await desk.get_by_role("button", name="Yes, takes the place").click()

        await api.put("/api/registration/clock", json={"now": (start + timedelta(minutes=10)).isoformat()})
        await _shows(phone, f"{house.url}/staff", "Expected: one patient", "Hosts: 1 of 1", "Facilitators: 2 of 2")
        await _look(phone, "coordinator-3-at-the-door")
        await phone.get_by_role("link", name=re.compile(r"^Attendance\s?, Men by the fire")).click()
        await phone.get_by_role("checkbox", name="Bror Example Patient").check()
        await phone.get_by_role("button", name="Save and mark as held").click()
        await expect(phone.get_by_text("marked as held").first).to_be_visible()
        await _look(phone, "coordinator-4-attendance")
        await phone.goto(f"{house.url}/staff")
        await phone.get_by_role("link", name=re.compile(r"^Count visitors\s?, The open house")).click()
        for role in ("Patient", "Relative", "Relative"):
            await phone.get_by_role("button", name=role, exact=True).click()
        await phone.get_by_role("button", name="Take back the last one").click()
        await expect(phone.get_by_role("status").first).to_have_text(re.compile("^2 "))
        await _look(phone, "coordinator-5-visitors")
        await phone.get_by_role("button", name="Mark as held").click()
        await phone.goto(f"{house.url}/staff")
        await expect(phone.get_by_text("Held", exact=True)).to_have_count(2)
        await _look(phone, "coordinator-6-evening")


async def test_a_volunteers_way(chromium: Browser, house: Platform) -> None:
    address = "vera.volunteer@example.org"
    async with (
        httpx.AsyncClient(base_url=house.url, headers=house.staff, timeout=60) as api,
        page(chromium, house, DESK, "en", staff=True, script=False) as desk,
        page(chromium, house, PHONE, "en", script=False) as phone,
    ):
        start = (await _now(api) + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
        await _plan(desk, house, "The house by the lake", "drop_in", start, hosts="1")

        await phone.goto(f"{house.url}/volunteer")
        await phone.get_by_label("Name", exact=True).fill("Vera Volunteer")
        await phone.locator("#contact").fill(address)
        await phone.get_by_role("checkbox", name="Host").check()
        await phone.locator("#consent").check()
        await phone.get_by_role("button", name="Send").click()
        await expect(phone).to_have_title(re.compile("^Error:"))
        assert await phone.get_by_label("Name", exact=True).input_value() == "Vera Volunteer"
        await phone.get_by_label("Municipality").fill("Eksjö")
        await phone.get_by_role("button", name="Send").click()
        await expect(phone).to_have_url(re.compile("/volunteer/received$"))

        await desk.goto(f"{house.url}/staff/volunteers")
        await desk.get_by_role("link", name="Vera Volunteer").click()
        await desk.get_by_role("button", name="Confirm").click()
        await desk.locator("#training").select_option("basic")
        await desk.locator("#completed_on").fill((await _now(api)).date().isoformat())
        await desk.get_by_role("button", name="Note the training").click()

        own = next(link for link in (await newest(api, address, "/volunteer/"))["links"] if "/volunteer/" in link)
        await phone.goto(own)
        await phone.get_by_role("link", name="Read and sign").click()
        await phone.locator("#promise").check()
        await phone.get_by_role("button", name="Sign").click()
        await expect(phone.get_by_text("Signed").first).to_be_visible()
        await _look(phone, "volunteer-1-own-page")

        await phone.get_by_role("link", name="Your shifts, and free ones to take").click()
        await phone.get_by_role("button", name="Take it").first.click()
        await expect(phone.locator("ul.rows h2 a")).to_have_count(1)
        await _look(phone, "volunteer-2-shifts")

        await api.put("/api/registration/clock", json={"now": (start + timedelta(minutes=10)).isoformat()})
        led = next(link for link in (await newest(api, address, "/lead/"))["links"] if "/lead/" in link)
        await phone.goto(led)
        await _look(phone, "volunteer-3-at-the-door")
        await phone.locator("ol.rows h3 a").first.click()
        await phone.get_by_role("button", name="Patient", exact=True).click()
        await phone.get_by_role("button", name="Other", exact=True).click()
        await expect(phone.get_by_role("status").first).to_have_text(re.compile("^2 "))
        await phone.get_by_role("button", name="Mark as held").click()
        await expect(phone.get_by_text("marked as held").first).to_be_visible()

        await api.put("/api/registration/clock", json={"now": (start + timedelta(hours=3)).isoformat()})
        await phone.goto(own)
        await phone.get_by_role("link", name=re.compile("^Open")).first.click()
        await phone.get_by_label("Hours").fill("2.5")
        await phone.get_by_label("How many people were met?").fill("2")
        await _look(phone, "volunteer-4-how-it-went")
        await phone.get_by_role("button", name="I have done it").click()
        await expect(phone.get_by_text("Thank you for what you did")).to_be_visible()

        await phone.goto(own)
        await phone.locator("#starts_on").fill((start.date() + timedelta(days=1)).isoformat())
        await phone.get_by_role("button", name="Pause").click()
        await expect(phone.get_by_role("button", name="End the pause")).to_be_visible()
        await _look(phone, "volunteer-5-afterwards")


async def _now(api: httpx.AsyncClient) -> datetime:
    return datetime.fromisoformat((await api.get("/api/registration/clock")).json()["now"])


async def _enrol(api: httpx.AsyncClient, name: str, role: str) -> None:
    today = (await _now(api)).date().isoformat()
    body: dict[str, Any] = {
        "name": name,
        "email": f"{name.split()[0].lower()}@example.org",
        "roles": [role],
        "municipality": "Eksjö",
        "agreement_signed_on": today,
        "trainings": [{"training": "basic", "completed_on": today}],
    }
    (await api.post("/api/volunteers/volunteers", json=body)).raise_for_status()


async def _plan(
    view: Page,
    house: Platform,
    title: str,
    kind: str,
    start: datetime,
    *,
    patient: str = "",
    promotion: str = "at_once",
    hosts: str = "",
) -> str:
    """Plan four evenings by a rule, as a coordinator does; the programme's id."""
    local = start.astimezone(ZoneInfo("Europe/Stockholm"))
    await view.goto(f"{house.url}/staff/programmes/new")
    await view.locator("#kind").select_option(kind)
    await view.get_by_label("What it is called").fill(title)
    await view.get_by_label("Organiser").fill("The house")
    await view.get_by_label("Place", exact=True).fill("The yard")
    await view.get_by_label("Municipality", exact=True).fill("Eksjö")
    await view.locator("#patient").fill(patient)
    await view.get_by_text("Size, queue and helpers").click()
    await view.locator(f"[name=promotion][value={promotion}]").check()
    await view.locator("#hosts").fill(hosts)
    await view.get_by_text("Fill in dates by a rule").click()
    await view.locator("[name=first-date]").fill(local.date().isoformat())
    await view.locator("[name=first-time]").fill(local.strftime("%H:%M"))
    await view.locator("#repeat").select_option("second_week")
    await view.locator("#times").fill("4")
    await view.locator("#theme").fill("Together")
    await view.get_by_role("button", name="Fill in the dates").click()
    second = (local + timedelta(days=14)).date().isoformat()
    await expect(view.locator("[name=sessions-1-at-date]")).to_have_value(second)
    await view.get_by_role("button", name="Save and open for registration").click()
    await expect(view.locator("h1")).to_have_text(title)
    return view.url.rsplit("/", 1)[1]


async def _shows(view: Page, address: str, *texts: str) -> None:
    """Open a page again until it has heard of all this from the other services."""
    end = time.monotonic() + 20
    while True:
        await view.goto(address)
        main = await view.locator("main").inner_text()
        missing = [text for text in texts if text not in main]
        if not missing:
            return
        assert time.monotonic() < end, f"{missing} is not in: {main}"
        await asyncio.sleep(0.2)


async def _look(view: Page, name: str) -> None:
    await view.screenshot(path=SCREENS / f"walk-{name}.png", full_page=True)
