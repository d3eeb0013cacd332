"""Pages: templates shown in the reader's language.

Each service has one `Pages`: its own templates and messages, and the shared ones.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from shared.access import present_staff
from shared.settings import Settings
from shared.web import charts
from shared.web.forms import Form
from shared.web.language import HERE, LANGUAGES, Catalogues, Translator, language, msg

SITE = "Mötesplats"
STATIC = HERE / "static"
PUBLIC_MENU = (
    ("/", msg("Calendar")),
    ("/volunteer", msg("Become a volunteer")),
    ("/ask", msg("Ask for a volunteer")),
    ("/results", msg("Results")),
)
STAFF_MENU = (
    ("/staff", msg("Today")),
    ("/staff/programmes", msg("Programmes")),
    ("/staff/people", msg("People")),
    ("/staff/volunteers", msg("Volunteers")),
    ("/staff/results", msg("Results")),
    ("/staff/messages", msg("Messages")),
)


class Pages:
    """The pages of one service.

    Args:
        folder: the service's folder, with `templates/` and `locale/`; None for the shared pages only.
        settings: for the time zone, the quick way out and the privacy page.
        more: folders of services whose messages are known too, such as those of the errors that they raise.

    Attributes:
        catalogues: the translators, for texts that are no page.
    """

    def __init__(self, folder: Path | None, settings: Settings, more: Sequence[Path] = ()) -> None:
        self.settings = settings
        self.catalogues = Catalogues(folder, settings.zone, more)
        folders = [HERE / "templates"] if folder is None else [folder / "templates", HERE / "templates"]
        self._environments = {lang: self._environment(folders, self.catalogues[lang]) for lang in LANGUAGES}

    def _environment(self, folders: list[Path], translator: Translator) -> Environment:
        # One environment a language, so that macros imported without context speak it too.
        environment = Environment(
            loader=FileSystemLoader(folders),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(
            _=translator.say,
            ngettext=translator.count,
            lang=translator.lang,
            languages=LANGUAGES,
            stacked=charts.stacked,
            columns=charts.columns,
            bars=charts.bars,
            static=static,
            site=SITE,
            trial=self.settings.trial,
            sms=bool(self.settings.sms_gateway_domain),
            exit_url=self.settings.exit_url,
            privacy_url=self.settings.privacy_url or "/privacy",
            public_url=self.settings.public_url,
            region_css=_region_css(self.settings),
        )
        environment.filters.update(
            date=translator.date,
            day=translator.day,
            day_of_month=translator.day_of_month,
            month=translator.month,
            weekday=translator.weekday,
            time=translator.time,
            moment=translator.moment,
            span=translator.span,
            times=translator.times,
            tongue=translator.tongue,
            number=translator.number,
            percent=translator.percent,
            listing=translator.listing,
        )
        return environment

    def render(
        self, request: Request, template: str, *, status: int = 200, public: bool = False, **context: Any
    ) -> HTMLResponse:
        """Show a template.

        Args:
            request: decides language, menu and who is signed in.
            template: in the service's `templates/` or the shared ones.
            status: becomes 422 by itself when a form in the context has errors.
            public: the same for everybody; a browser may keep it. Everything else is never kept.
            context: what the template shows; everything it names must be given.
        """
        failed = any(isinstance(value, Form) and value.errors for value in context.values())
        lang = language(request)
        staff = present_staff(request)
        path = request.url.path
        inside = path == "/staff" or path.startswith(("/staff/", "/trial"))
        menu = STAFF_MENU if staff and inside else PUBLIC_MENU
        found = self._environments[lang].get_template(template)
        html = found.render(
            staff=staff,
            inside=inside,
            path=path,
            menu=menu,
            current=_current(path, [address for address, _ in menu]),
            failed=failed,
            in_language={code: _query(request, code) for code in LANGUAGES if code != lang},
            **context,
        )
        response = HTMLResponse(html, status_code=422 if failed and status == 200 else status)
        response.headers["Content-Language"] = lang
        response.headers["Vary"] = "Cookie, Accept-Language"
        if public and staff is None:
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    def text(self, lang: str, template: str, **context: Any) -> str:
        """A template that is no page, such as `confirmation.txt` for a mail, in a language."""
        found = self._environments.get(lang) or self._environments[self.catalogues[lang].lang]
        return found.get_template(template).render(**context)


def _current(path: str, addresses: list[str]) -> str:
    fitting = [a for a in addresses if path == a or (a not in {"/", "/staff"} and path.startswith(a + "/"))]
    return max(fitting, key=len, default="")


def _query(request: Request, lang: str) -> str:
    asked = parse_qsl(request.url.query, keep_blank_values=True)
    return "?" + urlencode([*((name, value) for name, value in asked if name != "lang"), ("lang", lang)])


def _region_css(settings: Settings) -> str:
    content = Path(settings.theme).read_bytes() if settings.theme else b""
    return f"/static/region.css?{hashlib.sha256(content).hexdigest()[:10]}"


@lru_cache
def static(name: str) -> str:
    """The address of a file in `static/`, which changes when the file does."""
    content = STATIC / name
    return f"/static/{name}?{hashlib.sha256(content.read_bytes()).hexdigest()[:10]}"
