"""A volunteer's assignments as an iCalendar feed: under names that say nothing, without signing in."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import Response
from icalendar import Calendar, Event

from services.volunteers.domain.calendar import Entry
from services.volunteers.settings import Settings
from services.volunteers.use_cases.own_calendar import linked_calendar
from shared.delivery import Delivery
from shared.web import Pages
from shared.web.language import Translator, msg

PRODUCT = "-//Motesplats//Volunteers//EN"


def router(delivery: Delivery, settings: Settings, pages: Pages) -> APIRouter:
    """The feed behind `/volunteer/calendar/{token}`."""
    routes = APIRouter(include_in_schema=False)
    now = delivery.clock.now

    @routes.get("/volunteer/calendar/{token}")
    async def feed(token: str) -> Response:
        volunteer, found = await linked_calendar(delivery.reading, settings, token, now())
        content = calendar_feed(found, settings, pages.catalogues[volunteer.language], now())
        return Response(content, media_type="text/calendar")

    return routes


def calendar_feed(found: Sequence[Entry], settings: Settings, say: Translator, now: datetime) -> bytes:
    """One iCalendar object. Titles are the same for all: a calendar is often seen by others."""
    host = urlsplit(settings.public_url).hostname
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", say.say(msg("Assignments")))
    calendar.add("x-published-ttl", "PT6H")
    for entry in found:
        # Of the id's hash: stable, and says nothing of who and what.
        name = hashlib.sha256(entry.key.encode()).hexdigest()[:32]
        event = Event()
        event.add("uid", f"{name}@{host}")
        event.add("sequence", entry.sequence)
        event.add("dtstamp", now)
        event.add("dtstart", entry.starts_at.astimezone(settings.zone))
        event.add("dtend", entry.ends_at.astimezone(settings.zone))
        event.add("summary", say.say(msg("Assignment")))
        event.add("location", ", ".join(filter(None, (entry.place, entry.municipality))))
        event.add("class", "PRIVATE")
        event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
        calendar.add_component(event)
    if found:
        years = [entry.starts_at.astimezone(settings.zone).year for entry in found]
        # Without limits the library lists every clock change from 1970 on.
        calendar.add_missing_timezones(first_date=date(min(years), 1, 1), last_date=date(max(years) + 1, 1, 1))
    return bytes(calendar.to_ical())
