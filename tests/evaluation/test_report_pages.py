"""Reports as people get them: pages in three languages, and files for a spreadsheet."""

import csv
import re
from datetime import date
from io import BytesIO, StringIO
from xml.etree import ElementTree
from zipfile import ZipFile

import httpx
import pytest

from motesplats_events import Event, VolunteerRole
from tests.evaluation.region import Region, came, held, programme, registered, volunteer, weekly

FIRST = date(2023, 1, 10)
YEAR = "?from=2023-01-01&to=2023-12-31"
LANGUAGES = {
    "sv": ("Kartläggningen", "Det fanns 2 mötesplatser i 2 kommuner. 21 personer deltog.", "10,5", "för få"),
    "da": ("Kortlægningen", "Der var 2 tilbud i 2 kommuner. 21 personer brugte dem.", "10,5", "for få"),
    "en": ("The mapping", "There were 2 offers in 2 municipalities. 21 people used them.", "10.5", "too few"),
}


def group(id: str, people: int, sessions: int = 3, municipality: str = "Ekby") -> list[Event]:
    planned = programme(id, weekly(FIRST, sessions, 12), municipality=municipality)
    names = [f"{id}-{n}" for n in range(people)]
    events: list[Event] = [planned, *(registered(planned, name) for name in names)]
    for day in weekly(FIRST, sessions, 12):
        events += [held(planned, day, people - 2), came(planned, day, names)]
    return events


async def two_groups(region: Region, second: str = "Tallby") -> None:
    await region.hear(*group("p1", 9), *group("p2", 12, municipality=second))


def words(page: httpx.Response) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split()).replace("\xa0", " ")


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_report_says_its_figures_in_the_readers_language(region: Region, lang: str) -> None:
    await two_groups(region)
    title, headline, mean, few = LANGUAGES[lang]
    page = await region.page(f"/mapping{YEAR}", lang)
    assert (page.status_code, page.headers["content-language"]) == (200, lang)
    assert f"<h1>{title}</h1>" in page.text
    said = words(page)
    assert headline in said
    assert mean in said
    assert few in said
    assert title in (await region.page("", lang)).text


async def test_users_per_offer_and_mean_attendance_stand_beside_each_other_with_their_base(region: Region) -> None:
    await two_groups(region)
    said = words(await region.page(f"/mapping{YEAR}"))
    assert re.search(r"Users per offer, on average 10\.5 of 2 offers for which people register", said)
    assert re.search(r"Attendance at a session, on average 8\.5 of 6 held sessions", said)
    assert re.search(r"Users in all 21 of 2 offers for which people register", said)
    assert "The one cannot be worked out from the other" in said


async def test_a_chart_over_time_has_the_same_figures_in_a_table(region: Region) -> None:
    years = [volunteer(f"v{n}", {VolunteerRole.HOST: date(2019 + n // 10, 1, 1)}) for n in range(46)]
    await region.hear(*years)
    page = await region.page(f"/volunteers{YEAR}")
    chart = re.search(r'<svg class="columns[^>]*role="img"[^>]*aria-describedby="(.*?)">(.*?)</svg>', page.text, re.S)
    assert chart
    assert re.findall(r'<text x="[^"]*" y="[^"]*" dy="-5">(.*?)</text>', chart[2]) == ["10", "20", "30", "40", "46"]
    assert re.findall(r'class="axis"[^>]*>(.*?)</text>', chart[2]) == ["2019", "2020", "2021", "2022", "2023"]
    table = re.search(rf'<table id="{chart[1]}".*?</table>', page.text, re.S)
    assert table
    assert re.findall(r'<td class="n">(.*?)</td>', table[0]) == ["10", "20", "30", "40", "46"]


async def test_a_row_over_years_is_drawn_as_high_as_it_is_beside_the_others(region: Region) -> None:
    hosts = {VolunteerRole.HOST: date(2022, 1, 1)}
    later = {VolunteerRole.HOST: date(2023, 1, 1)}
    await region.hear(
        *[volunteer(f"e{n}", hosts, municipality="Ekby") for n in range(10)],
        *[volunteer(f"f{n}", later, municipality="Ekby") for n in range(10)],
        *[volunteer(f"t{n}", hosts, municipality="Tallby") for n in range(5)],
    )
    page = await region.page(f"/volunteers{YEAR}")
    table = re.search(r'<table id="table-by_municipality".*?</table>', page.text, re.S)
    assert table
    rows = {
        re.sub(r"<[^>]+>", "", row[0]): (
            [float(height) for height in re.findall(r'height="([\d.]+)%"', row[1])],
            re.findall(r'<td class="n">(.*?)</td>', row[1]),
        )
        for row in re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table[0], re.S)
    }
    assert {name: (heights[-2:], cells[-2:]) for name, (heights, cells) in rows.items()} == {
        "Ekby": ([50.0, 100.0], ["10", "20"]),
        "Tallby": ([25.0, 25.0], ["5", "5"]),
        "All together": ([], ["15", "25"]),
    }


async def test_nothing_yet_says_what_will_be_here(region: Region) -> None:
    page = await region.page("/houses")
    assert page.status_code == 200
    assert "Nothing to report in this period" in page.text
    assert "<svg" not in page.text.partition("<main")[2]


async def test_days_that_make_no_period_are_kept_and_explained(region: Region) -> None:
    page = await region.page("/mapping?from=2023-05-01&to=2023-04-01")
    assert page.status_code == 422
    assert "<title>Error:" in page.text
    assert "The last day comes before the first. Change one of them" in page.text
    assert 'value="2023-05-01"' in page.text
    assert 'value="2023-04-01"' in page.text
    assert "Download" not in page.text
    strange = await region.page("/mapping?from=yesterday")
    assert (strange.status_code, 'value="yesterday"' in strange.text) == (422, True)


async def test_the_period_shown_can_be_changed_and_leads_to_the_files(region: Region) -> None:
    await two_groups(region)
    page = await region.page("/mapping?at=2023-12-31")
    assert 'value="2023-01-01"' in page.text
    assert 'href="/staff/results/reports/mapping/xlsx?from=2023-01-01&amp;to=2023-12-31"' in page.text
    running = await region.page("/mapping?from=2024-01-01&to=2024-12-31")
    assert "until today, Monday 20 May 2024" in words(running)


async def test_pages_hold_no_inline_style_or_script_and_are_not_kept(region: Region) -> None:
    await two_groups(region)
    for path in ("", f"/mapping{YEAR}", f"/volunteers{YEAR}", f"/attendance{YEAR}"):
        page = await region.page(path)
        assert not re.search(r"\sstyle=|<style|\son\w+=", page.text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", page.text), path
        assert page.headers["cache-control"] == "no-store"


# For a spreadsheet


async def file(region: Region, kind: str, lang: str, code: str = "mapping") -> httpx.Response:
    found = await region.page(f"/{code}/{kind}{YEAR}", lang)
    assert found.status_code == 200
    return found


@pytest.mark.parametrize(("lang", "delimiter", "mean"), [("sv", ";", "10,5"), ("da", ";", "10,5"), ("en", ",", "10.5")])
async def test_csv_is_written_as_excel_reads_it_in_the_language(
    region: Region, lang: str, delimiter: str, mean: str
) -> None:
    await two_groups(region)
    found = await file(region, "csv", lang)
    assert found.headers["content-type"] == "text/csv; charset=utf-8"
    assert found.headers["content-disposition"] == 'attachment; filename="mapping-2023-01-01-2023-12-31.csv"'
    assert found.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(found.content.decode("utf-8-sig")), delimiter=delimiter))
    assert [mean, "2"] in [row[1:3] for row in rows]
    assert ["Tallby", "1"] in rows


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+46", "-1", "@SUM(A1)"])
async def test_no_name_becomes_a_formula(region: Region, name: str) -> None:
    await two_groups(region, second=name)
    text = (await file(region, "csv", "en")).content.decode("utf-8-sig")
    assert f"'{name},1\r\n" in text
    assert f"\n{name}" not in text
    cells = sheets((await file(region, "xlsx", "en")).content)
    assert [name, 1.0] in cells["3 Offers by municipality"]


async def test_xlsx_has_a_sheet_for_each_table_and_numbers_as_numbers(region: Region) -> None:
    await two_groups(region)
    found = await file(region, "xlsx", "en")
    assert found.headers["content-type"].startswith("application/vnd.openxmlformats-officedocument.spreadsheetml")
    cells = sheets(found.content)
    assert list(cells) == ["1 Figures", "2 Offers by kind", "3 Offers by municipality", "4 Users by municipality and"]
    assert cells["1 Figures"][0] == ["The mapping, 2023-01-01 – 2023-12-31"]
    figures = {row[0]: row[1] for row in cells["1 Figures"] if len(row) > 2}
    assert (figures["Offers"], figures["Users per offer, on average"]) == (2.0, 10.5)


async def test_small_numbers_are_empty_cells(region: Region) -> None:
    await region.hear(*group("p1", 4))
    lines = (await file(region, "csv", "en")).content.decode("utf-8-sig").split("\r\n")
    assert next(line for line in lines if line.startswith("Users in all")).startswith("Users in all,,,,")


async def test_other_kinds_of_file_and_days_without_a_report_are_not_found(region: Region) -> None:
    assert (await region.page(f"/mapping/pdf{YEAR}")).status_code == 404
    assert (await region.page("/mapping/csv?from=2023-05-01&to=2023-04-01")).status_code == 404


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    """What stands in a workbook, by sheet; a formula in it fails."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with ZipFile(BytesIO(content)) as archive:
        texts = [
            "".join(part.text or "" for part in one.iter(f"{main}t"))
            for one in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        names = [
            str(one.get("name")) for one in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{main}sheet")
        ]
        found: dict[str, list[list[object]]] = {}
        for number, name in enumerate(names, 1):
            root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
            assert root.find(f".//{main}f") is None
            found[name] = [
                [
                    texts[int(_value(cell))] if cell.get("t") == "s" else float(_value(cell))
                    for cell in row.iter(f"{main}c")
                ]
                for row in root.iter(f"{main}row")
            ]
    return found


def _value(cell: ElementTree.Element) -> str:
    found = cell.find("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}v")
    assert found is not None
    assert found.text is not None
    return found.text
