"""Each reader gets their language, and words, dates and numbers in it."""

from datetime import UTC, date, datetime

import httpx
import pytest
from markupsafe import Markup

from shared.settings import Settings
from shared.web import Catalogues, Translator
from shared.web.language import accepted


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "sv"),
        ("da", "da"),
        ("da-DK,da;q=0.9,en;q=0.5", "da"),
        ("en;q=0.4, sv;q=0.8", "sv"),
        ("de-DE,de;q=0.9,da;q=0.2", "da"),
        ("de", "en"),
        ("*", "sv"),
        ("sv;q=0, en", "en"),
        ("da;q=nonsense, en", "en"),
        (",;,q=1;;" * 500, "sv"),
    ],
)
def test_the_browsers_wish_decides(header: str, expected: str) -> None:
    assert accepted(header) == expected


async def test_the_address_goes_before_the_cookie_and_the_cookie_before_the_browser(
    people: httpx.AsyncClient,
) -> None:
    danish = {"accept-language": "da"}
    assert 'lang="da"' in (await people.get("/", headers=danish)).text.splitlines()[1]
    chosen = await people.get("/?lang=en", headers=danish)
    assert chosen.headers["content-language"] == "en"
    assert "SameSite=Lax" in chosen.headers["set-cookie"]
    assert "HttpOnly" in chosen.headers["set-cookie"]
    assert (await people.get("/", headers=danish)).headers["content-language"] == "en"
    assert (await people.get("/?lang=sv", headers=danish)).headers["content-language"] == "sv"


async def test_an_unknown_language_sets_no_cookie(people: httpx.AsyncClient) -> None:
    answer = await people.get("/?lang=xx%0d%0aSet-Cookie:a=b")
    assert answer.headers["content-language"] == "sv"
    assert "set-cookie" not in answer.headers


async def test_the_switch_keeps_the_path_and_the_question(people: httpx.AsyncClient) -> None:
    page = (await people.get('/plan?town=Eksj%C3%B6&q="><script>&lang=sv')).text
    assert 'href="?town=Eksj%C3%B6&amp;q=%22%3E%3Cscript%3E&amp;lang=da"' in page


@pytest.mark.parametrize(
    ("lang", "moment", "day"),
    [
        ("sv", "tisdag 28 januari 2025 kl. 17:00", "tisdag 28 januari"),
        ("da", "tirsdag den 28. januar 2025 kl. 17.00", "tirsdag den 28. januar"),
        ("en", "Tuesday 28 January 2025 at 17:00", "Tuesday 28 January"),
    ],
)
def test_dates_name_the_weekday_in_the_platforms_zone(settings: Settings, lang: str, moment: str, day: str) -> None:
    words = Catalogues(None, settings.zone)[lang]
    when = datetime(2025, 1, 28, 16, tzinfo=UTC)
    assert words.moment(when) == moment
    assert words.day(when) == day
    assert words.day(date(2025, 1, 28)) == day
    assert words.day_of_month(datetime(2025, 1, 27, 23, 30, tzinfo=UTC)) == "28"


def test_a_span_ends_when_the_clock_says_so_also_in_the_night_of_summer_time(settings: Settings) -> None:
    words = Catalogues(None, settings.zone)["sv"]
    assert words.span(datetime(2025, 3, 30, 0, 30, tzinfo=UTC), 60).endswith("01:30–03:30")


def test_a_time_without_a_zone_is_refused(settings: Settings) -> None:
    with pytest.raises(ValueError, match="zone"):
        Catalogues(None, settings.zone)["sv"].time(datetime(2025, 1, 28, 17))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("lang", "mean", "share", "many"),
    [("sv", "9,6", "70\xa0%", "1\xa0500"), ("da", "9,6", "70\xa0%", "1.500"), ("en", "9.6", "70%", "1,500")],
)
def test_numbers_in_the_languages_own_form(settings: Settings, lang: str, mean: str, share: str, many: str) -> None:
    words = Catalogues(None, settings.zone)[lang]
    assert words.number(9.6, 1) == mean
    assert words.number(10, 1).endswith("0")
    assert words.percent(0.7) == share
    assert words.number(1500) == many


@pytest.fixture
def swedish(settings: Settings) -> Translator:
    return Catalogues(None, settings.zone)["sv"]


def test_values_are_said_in_the_language_too(swedish: Translator) -> None:
    assert swedish.say("mean, n = {n}", n=9.6) == "medel, n = 9,6"
    assert swedish.say("The number must be {ge} or more", ge=1000) == "Talet ska vara 1\xa0000 eller mer"


def test_plurals(swedish: Translator) -> None:
    one, many = "There is one thing to put right", "There are {n} things to put right"
    assert swedish.count(one, many, 1) == "Det är en sak att rätta"
    assert swedish.count(one, many, 3) == "Det är 3 saker att rätta"


def test_an_unknown_message_stays_english(swedish: Translator) -> None:
    assert swedish.say("Nobody has translated {what}", what="this") == "Nobody has translated this"


def test_markup_among_the_values_keeps_the_rest_escaped(swedish: Translator) -> None:
    said = swedish.say("{first} and {last}", first=Markup("<a>x</a>"), last="<script>")
    assert said == Markup("<a>x</a> och &lt;script&gt;")


def test_listing(swedish: Translator) -> None:
    assert swedish.listing([]) == ""
    assert swedish.listing(["Eksjö"]) == "Eksjö"
    assert swedish.listing(["Eksjö", "Tranås", "Värnamo"]) == "Eksjö, Tranås och Värnamo"
