"""The calendar of all meeting places: as a page, as a feed, and as a list in other web sites."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from motesplats_events import Format
from services.registration import store
from services.registration.domain.calendar import FACTS, Wanted
from services.registration.domain.kinds import ProgrammeKind
from services.registration.pages import feeds
from services.registration.settings import Settings
from services.registration.use_cases import calendar as use_cases
from shared.delivery import Delivery
from shared.web import Pages, language
from shared.web.embedding import EMBEDDED, Look

LONGEST_VALUE = 120
KNOWN: Mapping[str, set[str]] = {"kind": set(ProgrammeKind), "format": {Format.PHYSICAL, Format.DIGITAL}}
LANGUAGE_CODE = re.compile("[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter that is on.

    Attributes:
        without: the address of the same calendar when it is taken away.
    """

    name: str
    value: str
    without: str


def wanted(request: Request) -> Wanted:
    """What an address asks for; what it should not hold is passed over."""
    asked: dict[str, str] = {name: request.query_params.get(name, "").strip()[:LONGEST_VALUE] for name in FACTS}
    for name, known in KNOWN.items():
        if asked[name] not in known:
            asked[name] = ""
    if not LANGUAGE_CODE.fullmatch(asked["language"]):
        asked["language"] = ""
    return Wanted(**asked)


def address(path: str, asked: Mapping[str, str], **more: str) -> str:
    """A path with what is asked for; what is empty is left out."""
    query = {name: value for name, value in {**asked, **more}.items() if value}
    return f"{path}?{urlencode(query)}" if query else path


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """`/` and what shows the same elsewhere."""
    routes = APIRouter(include_in_schema=False)
    reading = delivery.reading
    now = delivery.clock.now
    zone = settings.zone

    async def look(request: Request) -> use_cases.Page:
        start = use_cases.read_start(request.query_params.get("from", ""), now(), zone)
        return await use_cases.look(reading, wanted(request), start, now(), zone)

    def chosen(asked: Wanted, start: str) -> Sequence[Chosen]:
        on = {**asked.chosen, "from": start}
        return [
            Chosen(name, value, address("/", {n: v for n, v in on.items() if n != name}))
            for name, value in on.items()
            if value
        ]

    @routes.get("/")
    async def calendar(request: Request) -> Response:
        asked, page = wanted(request), await look(request)
        return pages.render(
            request,
            "calendar.html",
            public=True,
            page=page,
            asked=asked,
            chosen=chosen(asked, page.start.isoformat() if page.start else ""),
            choices=await store.choices(reading, now()),
            later=address("/", asked.chosen, **{"from": page.later}) if page.later else "",
            earlier=address("/", asked.chosen, **{"from": page.earlier}),
            feed=address("/calendar.ics", asked.chosen, lang=language(request)),
            calls=address("/", {**asked.chosen, "kind": "standing_call"}),
            today=now().astimezone(zone).date(),
        )

    @routes.get(EMBEDDED)
    async def embed(request: Request) -> Response:
        asked, page = wanted(request), await look(request)
        look_of = Look.read(request.query_params)
        more = {**look_of.query, "lang": language(request)}
        return pages.render(
            request,
            "embed.html",
            public=True,
            page=page,
            style=address("/embed.css", look_of.query) if look_of.query else "",
            whole=settings.public_url + address("/", asked.chosen),
            later=address(EMBEDDED, {**asked.chosen, **more}, **{"from": page.later}) if page.later else "",
            start=address(EMBEDDED, {**asked.chosen, **more}) if page.start else "",
            today=now().astimezone(zone).date(),
        )

    @routes.get("/embed.css")
    async def style(request: Request) -> Response:
        return Response(
            Look.read(request.query_params).css, media_type="text/css", headers={"Cache-Control": "max-age=3600"}
        )

    @routes.get("/calendar.ics")
    async def all_of_them(request: Request) -> Response:
        asked = wanted(request)
        moment = now()
        start, end = moment - use_cases.FEED_BACK, moment + use_cases.FEED_AHEAD
        found = await store.feed(reading, asked, start, moment, end, use_cases.FEED_MOST)
        return send(request, found, address("/calendar.ics", asked.chosen))

    @routes.get("/programmes/{programme_id}.ics")
    async def one(request: Request, programme_id: str) -> Response:
        await store.programme(reading, programme_id)
        found = await store.feed_of(reading, programme_id)
        return send(request, found, f"/programmes/{programme_id}.ics")

    def send(request: Request, found: feeds.Found, path: str) -> Response:
        say = pages.catalogues[language(request)]
        content = feeds.feed(found, settings, say, settings.public_url + path)
        return feeds.answer(request, content)

    return routes
