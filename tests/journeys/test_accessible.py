"""Every page: as wide as a desk and as narrow as a phone, in three languages, held against WCAG 2.2 AA by axe-core,
and walked by keyboard alone."""

import re

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from services.cli.play import Result
from tests.journeys.conftest import SCREENS
from tests.journeys.pages import every_page, filled, page
from tests.journeys.things import links, made
from tests.platforms import Platform

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Files, feeds and style sheets.
NO_PAGE = (
    ".ics",
    ".csv",
    ".xlsx",
    ".css",
    "/data",
    "/{format}",
    "/volunteer/calendar/{token}",
    "/attachments/{number}",
)
PROGRAMME = "{programme_id}"
PHONE = 320
MOST_STEPS = 200
# What says that a thing is not there, or not for this reader, is a page too.
EXPECTED = {
    "/sign-in": 401,
    "/sign-in/{token}": 401,
    "/surveys/{token}": 404,
    "/results/{programme_id}": 404,
    "/staff/people/notes": 403,
    "/staff/letters/{message_id}": 404,
    "/trial/mail/{mail_id}": 404,
    "/nowhere": 404,
}
# What a thumb has to hit; a link in running text may be lower.
SMALL = """
[...document.querySelectorAll('button, .button, select, input')]
  .filter(e => !['radio', 'checkbox', 'hidden'].includes(e.type) && !e.classList.contains('link'))
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)
"""

FOCUSED = """
() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect()
  return {name: e.name || e.getAttribute('href') || e.tagName, top: box.top + scrollY, tag: e.tagName,
          seen: style.outlineStyle !== 'none' || style.boxShadow !== 'none'}
}
"""


@pytest.fixture(scope="module")
def things(house: Platform, played: Result) -> dict[str, str]:
    return made(house)


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (320, "sv"), (320, "da")])
async def test_every_page_fits_speaks_the_language_and_breaks_no_rule(
    chromium: Browser, house: Platform, played: Result, things: dict[str, str], width: int, language: str
) -> None:
    tokens = links(house, things)
    found: list[str] = []
    seen = 0
    for staff in (False, True):
        async with page(chromium, house, width, language, staff=staff) as view:
            errors = console_errors(view)
            for path in paths(staff):
                token = tokens.get(path.split("/")[1], "")
                code = "attendance" if "/reports/" in path else "basic"
                looks = {"": (filled(path, {**things, "token": token, "code": code}), EXPECTED.get(path, 200))}
                if path.count("{") == 1 and PROGRAMME in path:
                    # A programme is looked at as it is planned, and as it has been held and answered.
                    looks["-held"] = (path.replace(PROGRAMME, played.programme_id), 200)
                for which, (address, expected) in looks.items():
                    name = (path.strip("/").replace("/", "-").replace("{", "").replace("}", "") or "calendar") + which
                    answer = await view.goto(house.url + address)
                    assert answer is not None
                    found += [f"{name}: {answer.status}"] if answer.status != expected else []
                    found += [f"{name}: {each}" for each in await faults(view, width, language)]
                    await view.screenshot(path=SCREENS / f"{name}-{language}-{width}.png", full_page=True)
                    # The same page is there at both widths and in each language; on a phone more can go wrong. Charts
                    # are shown where there is room.
                    if (width, language) == (PHONE, "sv") or (width > PHONE and "results" in path):
                        found += [f"{name}: {each}" for each in await violations(view)]
                    # Chromium notes a page that is not there, too.
                    found += [f"{name}: {text}" for text in errors if not re.search("status of 40[134]", text)]
                    errors.clear()
                    seen += 1
    assert seen > 95
    assert found == [], "\n".join(found)


def paths(staff: bool) -> list[str]:
    """The pages of staff, or of everybody else."""
    pages = [path for method, path in every_page() if method == "GET" and not path.endswith(NO_PAGE)]
    return [path for path in [*pages, "/nowhere"] if path.startswith(("/staff", "/trial")) is staff]


def console_errors(view: Page) -> list[str]:
    """What the browser complains of from now on, such as a breach of the policy."""
    found: list[str] = []
    view.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


async def faults(view: Page, width: int, language: str) -> list[str]:
    """What is wrong with a page for anybody."""
    wide = await view.evaluate("document.documentElement.scrollWidth")
    found = [f"is {wide} wide"] if wide > width else []
    found += [f"speaks {said}"] if (said := await view.get_attribute("html", "lang")) != language else []
    found += [f"has {n} headings"] if (n := await view.locator("h1").count()) != 1 else []
    return found + [f"is too small to hit: {each[:160]}" for each in await view.evaluate(SMALL)]


@pytest.mark.parametrize("width", [1280, 320])
async def test_axe_finds_nothing_on_the_pages_about_a_person(
    chromium: Browser, house: Platform, played: Result, width: int
) -> None:
    async with httpx.AsyncClient(base_url=house.url, headers=house.staff, timeout=60) as api:
        mails = (await api.get("/api/notification/trial/mail")).json()["mails"]
        registered = (await api.get(f"/api/registration/programmes/{played.programme_id}/registrations")).json()
        name = registered["registrations"][0]["name"]
        person = (await api.post("/api/registration/people/search", json={"q": name})).json()[0]["person_id"]
    own = next(link for mail in mails for link in mail["links"] if "/my/" in link)
    theirs = f"{house.url}/staff/people/{person}"
    found: list[str] = []
    for base, staff in ((own, False), (theirs, True)):
        async with page(chromium, house, width, "da", staff=staff) as view:
            for rest in ("", "/details", "/forget"):
                await view.goto(base + rest)
                assert await view.locator("main form").count()
                found += [f"{rest or 'page'} {staff}: {each}" for each in await violations(view)]
    assert found == [], "\n".join(found)


async def violations(view: Page) -> list[str]:
    """What axe-core finds on a page, with the elements."""
    answer = await Axe().run(view, options=RULES)
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]}"
        for one in answer.response["violations"]
        for node in one["nodes"]
    ]


async def test_axe_sees_what_is_wrong(chromium: Browser, house: Platform) -> None:
    async with page(chromium, house, 1280, "en") as view:
        await view.goto(house.url)
        await view.evaluate("document.querySelector('main').innerHTML += '<input name=unlabelled>'")
        assert any(one.startswith("label ") for one in await violations(view))


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/wishes/new",
        "/volunteer",
        "/volunteer/{token}",
        "/ask",
        "/ask/{token}",
        "/my/{token}",
        "/my/{token}/details",
        "/lead/{token}",
        "/assignments/{token}",
        "/staff",
        "/staff/programmes/new",
        "/staff/programmes/{programme_id}/sessions",
        "/staff/volunteers/staffing/{programme_id}",
        "/volunteer/{token}/rota",
        "/staff/results/reports/attendance",
    ],
)
async def test_the_tab_key_follows_the_page_and_shows_where_it_is(
    chromium: Browser, house: Platform, played: Result, things: dict[str, str], path: str
) -> None:
    token = links(house, things).get(path.split("/")[1], "")
    async with page(chromium, house, 1280, "en", staff="/staff" in path, script=True) as view:
        answer = await view.goto(house.url + filled(path, {**things, "token": token}))
        assert answer is not None
        assert answer.ok
        steps = []
        while len(steps) < MOST_STEPS:
            await view.keyboard.press("Tab")
            step = await view.evaluate(FOCUSED)
            if step["tag"] == "BODY":
                break
            steps.append(step)
        assert MOST_STEPS > len(steps) > 5
        assert [step["name"] for step in steps if not step["seen"]] == []
        in_main = [step["top"] for step in steps if step["tag"] in {"INPUT", "SELECT", "TEXTAREA", "BUTTON"}]
        assert in_main == sorted(in_main), "the order of tabbing is the order of reading"
