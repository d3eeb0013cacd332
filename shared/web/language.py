"""Which language a reader gets, and how words, dates and numbers are said in it.

English is the message id. Swedish and Danish come from `locale/*.po`, read when the service is built;
a service's own catalogue goes before the shared one.
"""

import gettext
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from fastapi import Request
from markupsafe import Markup, escape

HERE = Path(__file__).parent
LANGUAGES = {"sv": "Svenska", "da": "Dansk", "en": "English"}
"""Languages by code, each by its own name."""

DEFAULT_LANGUAGE = "sv"
LANGUAGE_COOKIE = "lang"
Day: TypeAlias = date
"""A date, or a moment, whose date is the one in the platform's zone."""

REGIONS = {"sv": "sv_SE", "da": "da_DK", "en": "en_GB"}


def msg(message: str) -> str:
    """Mark a message id for translation where it is written but not yet shown. Returns it unchanged."""
    return message


def language(request: Request) -> str:
    """The reader's language: `?lang=`, else the cookie that it set, else the browser's wish, else Swedish."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    return accepted(request.headers.get("accept-language", ""))


def accepted(header: str) -> str:
    """The best language for an `Accept-Language` header; English for who asks for none of ours."""
    wishes: list[tuple[float, int, str]] = []
    for place, wish in enumerate(header.split(",")[:20]):
        tag, _, weight = wish.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if tag and 0 < quality <= 1:
            wishes.append((-quality, place, tag.partition("-")[0].lower()))
    for _, _, code in sorted(wishes):
        if code in LANGUAGES:
            return code
        if code == "*":
            return DEFAULT_LANGUAGE
    return "en" if wishes else DEFAULT_LANGUAGE


class Translator:
    """Words, dates and numbers in one language.

    Attributes:
        lang: `sv`, `da` or `en`.
        zone: the zone in which times are told.
    """

    def __init__(self, lang: str, translations: gettext.NullTranslations, zone: ZoneInfo) -> None:
        self.lang = lang
        self.zone = zone
        self._translations = translations
        # Parsed once: by its name it would be looked up again for each date and number.
        self._locale = Locale.parse(REGIONS[lang])

    def say(self, message: str, /, **values: object) -> str:
        """A message in this language, its `{named}` numbers, dates and moments in the language's form."""
        return self._fill(self._translations.gettext(message), values)

    def count(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """A message that depends on a number; `{n}` is the number."""
        return self._fill(self._translations.ngettext(singular, plural, n), {"n": n, **values})

    def _fill(self, text: str, values: dict[str, object]) -> str:
        if not values:
            return text
        said = {name: self._value(value) for name, value in values.items()}
        if any(hasattr(value, "__html__") for value in said.values()):
            return escape(text).format(**said)
        return text.format(**said)

    def _value(self, value: object) -> object:
        if isinstance(value, bool):
            return str(value)
        if isinstance(value, int | float):
            return self.number(value)
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.date(value)
        return value

    def _moment(self, when: datetime) -> datetime:
        if when.tzinfo is None:
            raise ValueError("a time without a zone cannot be told")
        return when.astimezone(self.zone)

    def _date(self, when: Day) -> date:
        return self._moment(when).date() if isinstance(when, datetime) else when

    def date(self, when: Day) -> str:
        """`tisdag 28 januari 2025`."""
        return _said(self._date(when), "full", self._locale).replace(",", "")

    def day(self, when: Day) -> str:
        """`tisdag 28 januari`: for dates near enough to need no year."""
        local = self._date(when)
        weekday = _said(local, "EEEE", self._locale)
        return f"{weekday} {'den ' if self.lang == 'da' else ''}{_day_and_month(local, self._locale)}"

    def day_of_month(self, when: Day) -> str:
        """`28`: the large figure of a row in a calendar."""
        return str(self._date(when).day)

    def month(self, when: Day) -> str:
        """`jan`: the small word under it."""
        return _said(self._date(when), "MMM", self._locale).rstrip(".")

    def weekday(self, when: Day) -> str:
        """`tis`: for narrow columns."""
        return _said(self._date(when), "EEE", self._locale).rstrip(".")

    def time(self, when: datetime) -> str:
        """`17:00`, in Danish `17.00`."""
        return format_time(self._moment(when), "short", locale=self._locale)

    def moment(self, when: datetime) -> str:
        """`tisdag 28 januari 2025 kl. 17:00`."""
        return self.say(msg("{day} at {time}"), day=self.date(when), time=self.time(when))

    def span(self, start: datetime, minutes: int) -> str:
        """`tisdag 28 januari 2025 kl. 17:00–19:00`."""
        end = start.astimezone(UTC) + timedelta(minutes=minutes)
        return self.say(msg("{day} at {time}"), day=self.date(start), time=self.times(start, end))

    def times(self, start: datetime, end: datetime) -> str:
        """`17:00–19:00`."""
        return f"{self.time(start)}–{self.time(end)}"

    def tongue(self, code: str) -> str:
        """`svenska`: a language by its ISO 639 code; the code, for one that has no name here."""
        return str(self._locale.languages.get(code, code))

    def number(self, value: float, decimals: int | None = None) -> str:
        """`1 500`, `9,6`; with `decimals` exactly so many."""
        form = None if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(value, format=form, locale=self._locale)

    def percent(self, share: float) -> str:
        """`70 %` for 0.7."""
        return format_percent(share, locale=self._locale)

    def listing(self, words: Sequence[str]) -> str:
        """`a, b och c`."""
        if len(words) < 2:
            return "".join(words)
        comma = Markup(", ") if any(hasattr(word, "__html__") for word in words) else ", "
        return self.say(msg("{first} and {last}"), first=comma.join(words[:-1]), last=words[-1])


@lru_cache(maxsize=4_096)
def _said(day: date, form: str, locale: Locale) -> str:
    """A day in a form; a page says the same few many times."""
    return format_date(day, form, locale=locale)


@lru_cache(maxsize=4_096)
def _day_and_month(day: date, locale: Locale) -> str:
    return format_skeleton("MMMMd", day, locale=locale)


class Catalogues:
    """The translators of one service: its own messages before the shared ones.

    Args:
        folder: the service's folder, with `locale/sv.po` and `locale/da.po`; None: the shared messages only.
        zone: the zone in which times are told.
        more: folders of further services, whose messages are known too.
    """

    def __init__(self, folder: Path | None, zone: ZoneInfo, more: Sequence[Path] = ()) -> None:
        folders = [*([folder] if folder and folder != HERE else []), *more, HERE]
        self._translators = {lang: Translator(lang, _translations(folders, lang), zone) for lang in LANGUAGES}

    def __getitem__(self, lang: str) -> Translator:
        """The translator for a language code; Swedish for one that is not ours."""
        return self._translators.get(lang) or self._translators[DEFAULT_LANGUAGE]


def _translations(folders: Sequence[Path], lang: str) -> gettext.NullTranslations:
    found = gettext.NullTranslations()
    for folder in reversed(folders):
        path = folder / "locale" / f"{lang}.po"
        if path.exists():
            translations = gettext.GNUTranslations(BytesIO(_packed(path, lang)))
            translations.add_fallback(found)
            found = translations
    return found


@cache
def _packed(path: Path, lang: str) -> bytes:
    """A catalogue as `gettext` reads it: every service of a process has the shared one."""
    packed = BytesIO()
    with path.open("rb") as source:
        write_mo(packed, read_po(source, locale=lang))
    return packed.getvalue()
