"""A course in Chromium without script, and what a page tells others."""

import asyncio
import re
from datetime import datetime, timedelta

import httpx
from playwright.async_api import Browser, expect

from services.cli.play import Result
from tests.journeys.mails import newest
from tests.journeys.pages import page
from tests.platforms import Platform, command


async def test_a_course_without_script_from_the_calendar_to_the_answer(
    chromium: Browser, house: Platform, played: Result
) -> None:
    async with (
        httpx.AsyncClient(base_url=house.url, headers=house.staff, timeout=60) as api,
        page(chromium, house, 320, "en", script=False) as view,
    ):
        link = command("sign-in", "--data", str(house.data)).stdout.strip().splitlines()[-1].split()[-1]
        await view.goto(link)
        await view.get_by_role("button", name="Sign in").click()
        await expect(view).to_have_url(f"{house.url}/staff")

        now = datetime.fromisoformat((await api.get("/api/registration/clock")).json()["now"])
        start = now + timedelta(days=7)
        await view.goto(f"{house.url}/staff/programmes/new")
        await view.get_by_label("What it is called").fill("Evenings together")
        await view.get_by_label("Organiser").fill("The association")
        await view.get_by_label("Municipality", exact=True).fill("Tranås")
        await view.get_by_role("button", name="Save and open for registration").click()
        await expect(view).to_have_title(re.compile("^Error:"))
        assert await view.get_by_label("What it is called").input_value() == "Evenings together"
        await view.get_by_label("Place", exact=True).fill("The library")
        await view.get_by_label("Places for patients").fill("12")
        await view.locator("#sessions-0-theme").fill("Finding footing")
        await view.locator("[name=sessions-0-at-date]").fill(start.date().isoformat())
        await view.locator("[name=sessions-0-at-time]").fill("17:00")
        await view.get_by_role("button", name="Save and open for registration").click()
        await expect(view.get_by_text("Nobody has registered yet").first).to_be_visible()
        programme_id = view.url.rsplit("/", 1)[1]

        await view.goto(house.url)
        await view.get_by_role("link", name="Evenings together").click()
        await view.locator("#role").check()
        await view.get_by_label("Name", exact=True).fill("Maj Exempel")
        await view.get_by_label("E-mail or mobile number").fill("maj.exempel@example.org")
        await view.get_by_role("button", name="Register").click()
        await expect(view.get_by_text("Tick the box").first).to_be_visible()
        assert await view.get_by_label("Name", exact=True).input_value() == "Maj Exempel"
        await view.locator("#consent").check()
        await view.get_by_role("button", name="Register").click()
        await expect(view).to_have_url(re.compile("/registered$"))

        mail = await newest(api, "maj.exempel@example.org")
        personal = next(link for link in mail["links"] if "/my/" in link)
        await view.goto(personal)
        await expect(view.get_by_text("You have a place.").first).to_be_visible()

        await api.put("/api/registration/clock", json={"now": (start + timedelta(days=1)).isoformat()})
        session = (await api.get(f"/api/registration/programmes/{programme_id}")).json()["sessions"][0]["session_id"]
        await view.goto(f"{house.url}/staff/programmes/{programme_id}/sessions/{session}")
        await view.get_by_role("checkbox", name="Maj Exempel Patient").check()
        await view.get_by_role("button", name="Save and mark as held").click()
        await expect(view.get_by_text("marked as held").first).to_be_visible()

        survey = next(
            link for link in (await newest(api, "maj.exempel@example.org", "/surveys/"))["links"] if "/surveys/" in link
        )
        await view.goto(survey)
        while not await view.get_by_role("radio").count():
            # A reader as fast as this one can be there before the survey is; the page asks to try again.
            await asyncio.sleep(0.5)
            await view.goto(survey)
        await view.get_by_role("radio").first.check()
        await view.locator("main button").first.click()
        await expect(view).to_have_url(re.compile("/thank-you"))
        await expect(view.locator("h1")).to_have_count(1)
        await view.goto(survey)
        assert await view.locator("main form").count() == 0, "the link works once"


async def test_a_personal_page_gives_its_address_to_nobody(chromium: Browser, house: Platform, played: Result) -> None:
    async with httpx.AsyncClient(base_url=house.url, headers=house.staff, timeout=60) as api:
        mails = (await api.get("/api/notification/trial/mail")).json()["mails"]
    personal = next(link for mail in mails for link in mail["links"] if "/my/" in link)
    async with page(chromium, house, 1280, "en") as view:
        referers: list[str | None] = []
        await view.goto(personal)
        view.on("request", lambda request: referers.append(request.headers.get("referer") or None))
        await view.get_by_role("link", name="Calendar").first.click()
        await view.wait_for_load_state()
    assert referers
    assert set(referers) == {None}
