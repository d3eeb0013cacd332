"""A platform on which a story has been played, and a real browser to look at it with."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from services.cli.play import Result, parse_story, play
from tests.platforms import Platform, started
from tests.play.small import STORY

ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "build" / "screens"
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform of this folder's own: these tests move its clock."""
    with started(tmp_path_factory.mktemp("journeys") / "data", "--no-demo") as running:
        yield running


@pytest.fixture(scope="package")
async def played(house: Platform) -> Result:
    """A small course about cancer, from the first registration to the published poster."""
    story = STORY.format(year=2025).replace("Att orka vidare", "Leva med cancer")
    return await play(parse_story(story), url=house.url, token=house.token, progress=lambda _: None)


@pytest.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; the pages are not looked at (install Debian's chromium)")
    SCREENS.mkdir(parents=True, exist_ok=True)
    options: Any = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        await browser.close()
