"""Rotas in Chromium, with people on them: at a desk and on a phone, a host's way and a coordinator's."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect

from motesplats_events import PlannedSession
from services.volunteers.app import build
from shared.access import STAFF_COOKIE, Staff, StaffRole, staff_token
from shared.embedded.children import free_port
from shared.service import asgi
from tests.journeys.conftest import CHROMIUM, SCREENS
from tests.journeys.test_accessible import violations
from tests.volunteers.conftest import FIRST, NOW, ORGANISER, World
from tests.volunteers.houses import asked, give_up, hosts, names_on, open_house, own, put


@asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    """The service at an address, at the time at which the world is."""
    service = build(world.settings)
    service.delivery.clock.ahead_by = world.delivery.clock.ahead_by
    port = free_port()
    config = uvicorn.Config(asgi([service], world.settings), port=port, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task
    service.delivery.db.client.close()


@asynccontextmanager
async def window(browser: Browser, world: World, url: str, width: int = 1280, lang: str = "en") -> AsyncIterator[Page]:
    """A window of somebody on the staff."""
    context = await browser.new_context(viewport={"width": width, "height": 900}, locale=lang, java_script_enabled=True)
    token = staff_token(world.settings, Staff("Kim", StaffRole.COORDINATOR, (ORGANISER,)))
    await context.add_cookies([{"name": STAFF_COOKIE, "value": token, "url": url}])
    yield await context.new_page()
    await context.close()


def console_errors(view: Page) -> list[str]:
    """What the browser complains of from now on, such as a breach of the policy."""
    found: list[str] = []
    view.on("console", lambda told: found.append(told.text) if told.type == "error" else None)
    return found


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; the pages are not looked at (install Debian's chromium)")
    SCREENS.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as tools:
        found = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        await found.close()


async def filled(world: World) -> Mapping[str, str]:
    """A house with a rota that lacks hosts, a course that lacks leaders, contacts and answers; the pages about them."""
    await open_house(world, needed=2)
    maja, olga, petra, rut = await hosts(world, "Maja", "Olga", "Petra", "Rut")
    patterns = f"rotas/{world.programme_id}/patterns"
    for host, first_on in ((maja, "2025-01-28"), (olga, "2025-02-01")):
        body = {"volunteer_id": host, "every": 2, "first_on": first_on}
        assert (await world.post(patterns, body, headers=world.staff)).status_code == 201
    gives, takes = await put(world, "s0", petra), await put(world, "s3", rut)
    swap = {"token": own(world, petra), "gives": gives, "takes": takes}
    offer_id = (await world.post("own/swaps", swap)).json()["assignment_id"]
    (second,) = (await world.get("shifts/s1"))["hosts"]
    await give_up(world, second["assignment_id"])
    offered = list((await asked(world, "s1")).values())
    house, world.programme_id = world.programme_id, "course"
    lecture = PlannedSession(
        session_id="l", starts_at=FIRST, minutes=60, theme="The treatments", lecturer_by=NOW + timedelta(days=3)
    )
    await world.plan("A course", facilitators_needed=2, sessions=[lecture])
    signe = await world.enrol(name="Signe Ek", email="signe@example.org", roles=["patient_supporter"])
    contact = {
        "contact_id": str(uuid4()),
        "volunteer_id": signe,
        "organiser": ORGANISER,
        "unit": "Vårdcentralen Norr",
        "municipality": "Eksjö",
        "contacted_on": "2025-01-06",
        "about": "Told about the house",
    }
    assert (await world.post("contacts", contact, headers=world.staff)).status_code == 201
    world.programme_id = house
    world.time(FIRST - timedelta(days=6))
    staff = "/staff/volunteers"
    return {
        "staffing": f"{staff}/staffing",
        "house": f"{staff}/staffing/{house}",
        "course": f"{staff}/staffing/course",
        "pattern": f"{staff}/staffing/{house}/pattern",
        "sharing": f"{staff}/staffing/{house}/sharing",
        "thin-shift": f"{staff}/shifts/s2",
        "searched-shift": f"{staff}/shifts/s1",
        "contacts": f"{staff}/contacts",
        "sufficiency": f"{staff}/sufficiency",
        "own-rota": f"/volunteer/{own(world, petra)}/rota",
        "own-shift": f"/volunteer/{own(world, petra)}/rota/{gives}",
        "own-contacts": f"/volunteer/{own(world, signe)}/contacts",
        "swap": f"/assignments/{world.link(offer_id)}",
        "offer": f"/assignments/{world.link(offered[0])}",
    }


async def test_every_page_with_people_on_it_fits_and_is_accessible(world: World, browser: Browser) -> None:
    pages = await filled(world)
    faults: list[str] = []
    async with served(world) as url:
        for width, lang in ((1280, "en"), (320, "sv"), (320, "da")):
            async with window(browser, world, url, width, lang) as view:
                complaints = console_errors(view)
                for name, path in pages.items():
                    await view.goto(url + path)
                    await view.screenshot(path=SCREENS / f"rotas-{name}-{width}-{lang}.png", full_page=True)
                    wide = await view.evaluate("document.documentElement.scrollWidth")
                    faults += [f"{name} is {wide} wide in {lang}"] if wide > width else []
                    faults += [f"{name}, {width} in {lang}: {one}" for one in await violations(view)]
                faults += complaints
    assert faults == [], "\n".join(faults)


async def test_a_host_who_cannot_come_and_one_who_can(world: World, browser: Browser) -> None:
    await open_house(world)
    maja, olga = await hosts(world, "Maja", "Olga", language="en")
    async with served(world) as url:
        async with window(browser, world, url, 320) as view:
            await view.goto(f"{url}/volunteer/{own(world, maja)}/rota")
            await view.get_by_role("button", name="Take it").first.click()
            await view.get_by_role("link", name="Tuesday 28 January 2025").click()
            await view.get_by_role("button", name="I cannot come").click()
            await expect(view.get_by_text("You have no shift to come")).to_be_visible()
        (offer_id,) = (await asked(world, "s0")).values()
        async with window(browser, world, url, 320) as view:
            await view.goto(f"{url}/assignments/{world.link(offer_id)}")
            await view.get_by_role("button", name="Yes, I will do it").click()
            await expect(view.get_by_text("You have said yes")).to_be_visible()
    assert await names_on(world, "s0") == ["Olga"]
    assert olga


async def test_a_coordinator_fills_a_thin_shift_without_a_mouse(world: World, browser: Browser) -> None:
    await open_house(world)
    await hosts(world, "Maja", "Olga")
    world.time(FIRST - timedelta(days=2))
    async with served(world) as url, window(browser, world, url) as view:
        await view.goto(f"{url}/staff/volunteers/staffing")
        await view.get_by_role("link", name="Open house in Tranås").first.focus()
        await view.keyboard.press("Enter")
        await view.get_by_label("Host").focus()
        await view.keyboard.type("Olga")
        await view.keyboard.press("Tab")
        await view.keyboard.press("Enter")
        await expect(view.get_by_text("Enough hosts")).to_be_visible()
    assert await names_on(world, "s0") == ["Olga"]
