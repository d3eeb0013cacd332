"""Every page: one frame, landmarks, no inline anything, charts with their figures in a table."""

import re
from pathlib import Path

import httpx
import pytest
from jinja2 import Environment, nodes

from shared.settings import Settings
from shared.web.charts import columns, stacked
from shared.web.language import HERE
from tests.web.application import signed_in

ROOT = HERE.parent.parent
TEMPLATES = sorted([*HERE.glob("templates/**/*.html"), *ROOT.glob("services/*/templates/**/*.html")])


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_inline_style_script_or_handler(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|<style", text, re.IGNORECASE)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text, re.IGNORECASE)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text, re.IGNORECASE)
    assert "javascript:" not in text.lower()
    for foreign in re.findall(r"(?:src|<link[^>]*href)=\"([^\"]*)\"", text):
        assert foreign.startswith(("/", "{{")), f"{foreign} is not from here"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_marked_safe_by_hand(template: Path) -> None:
    tree = Environment(autoescape=True).parse(template.read_text(encoding="utf-8"))
    assert not [found for found in tree.find_all(nodes.Filter) if found.name == "safe"]


def test_colours_live_in_tokens_only() -> None:
    css = re.sub(r"/\*.*?\*/", "", (HERE / "static" / "theme.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    without_tokens = re.sub(r":root\s*\{[^}]*\}", "", css)
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", without_tokens)
    assert not re.findall(r"https?://|@import|url\(", css)
    assert not re.findall(r"(?:margin|padding|border)-(?:left|right)\b|text-align:\s*(?:left|right)", css)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_from_its_ground() -> None:
    css = (HERE / "static" / "theme.css").read_text(encoding="utf-8")
    root = css[css.index(":root") : css.index("}")]
    tokens = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6}|var\(--[\w-]+\))", root))

    def colour(name: str) -> str:
        value = tokens[name]
        return colour(value[6:-1]) if value.startswith("var(") else value

    pairs = [(ink, ground, 4.5) for ink in ("ink", "muted", "brand") for ground in ("paper", "card")]
    pairs += [(f"on-part-{i}", f"part-{i}", 4.5) for i in range(5)]
    pairs += [(kind, f"{kind}-soft", 4.5) for kind in ("brand", "good", "wait", "bad")]
    pairs += [("edge", "field", 3), ("edge", "card", 3), ("brand-ink", "brand", 4.5), ("bad", "card", 4.5)]
    for ink, ground, least in pairs:
        light, dark = sorted((_luminance(colour(ink)), _luminance(colour(ground))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= least, f"{ink} on {ground}"


async def test_a_page_has_its_landmarks(people: httpx.AsyncClient) -> None:
    page = (await people.get("/")).text
    assert page.startswith("<!doctype html>")
    assert page.index('class="skip" href="#main"') < page.index("<header") < page.index('<main id="main"')
    assert page.count("<h1>") == 2 - 1 + page.count('class="confirmation"')
    assert '<nav aria-label="Huvudmeny">' in page
    assert '<a href="/" aria-current="page">Kalender</a>' in page
    assert 'href="https://www.wikipedia.org/" rel="noreferrer noopener" data-leave>Lämna sidan' in page
    assert 'href="/privacy"' in page
    assert 'href="/staff">För personal' in page
    assert "provkörning" not in page


async def test_staff_see_their_menu_on_staff_pages_only(people: httpx.AsyncClient, settings: Settings) -> None:
    inside = (await people.get("/staff", headers=signed_in(settings))).text
    assert '<a href="/staff" aria-current="page">Idag</a>' in inside
    assert "data-leave" not in inside
    outside = (await people.get("/", headers=signed_in(settings))).text
    assert "/staff/programmes" not in outside
    assert 'href="/staff">Personalsidor' in outside
    assert "/staff/programmes" not in (await people.get("/staff/plan")).text


async def test_charts_say_the_same_in_a_table(people: httpx.AsyncClient) -> None:
    page = (await people.get("/")).text
    assert '<svg class="chart" role="img" aria-labelledby="lectures" aria-describedby="lectures-table">' in page
    assert '<rect class="p0" x="0.0%" width="70.0%" height="100%"/>' in page
    assert ">70\xa0%</text>" in page
    assert '<td class="n">70\xa0%</td><td class="n">82</td>' in page
    assert '<td class="n">0\xa0%</td><td class="n">0</td>' in page
    assert '<p class="figure">9,6 <small>of 10 · medel, n = 20</small></p>' in page
    assert "För få svar för att visas. Det behövs minst 10." in page


async def test_the_files_a_page_asks_for_are_there(people: httpx.AsyncClient) -> None:
    page = (await people.get("/")).text
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(addresses) == 4
    for address in addresses:
        assert (await people.get(address)).status_code == 200
    assert (await people.get("/static/../pages.py")).status_code == 404
    assert (await people.get("/static/%2e%2e/pages.py")).status_code == 404


def test_segments_fill_the_bar() -> None:
    found = stacked([0.7, 0.25, 0.05, 0])
    assert [segment.width for segment in found] == [70, 25, 5, 0]
    assert found[-1].x == 100
    assert [segment.wide for segment in found] == [True, True, False, False]
    assert [segment.width for segment in stacked([0, 0])] == [0, 0]
    assert stacked([]) == []


def test_columns_stay_inside_the_drawing() -> None:
    found = columns([0, 3, 6])
    assert [column.height for column in found] == [0, 36, 72]
    assert all(column.y + column.height == pytest.approx(86) for column in found)
    assert columns([]) == []
    assert columns([0, 0])[0].height == 0
