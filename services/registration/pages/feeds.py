"""Meetings as an iCalendar feed, to subscribe to: public facts only.

A meeting keeps its UID, and its SEQUENCE is the version of its programme, so that a calendar replaces what it has.
There is no METHOD: a feed invites nobody.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TypeAlias
from urllib.parse import urlsplit

from fastapi import Request, Response
from icalendar import Calendar, Event

from services.registration.domain.calendar import Meeting
from services.registration.settings import Settings
from shared.web.language import Translator, msg
from shared.web.pages import SITE

PRODUCT = "-//Motesplats//Registration//EN"
READ_AGAIN = timedelta(hours=6)
KEPT_SECONDS = 900
FILE_NAME = "motesplats.ics"

Found: TypeAlias = Sequence[tuple[Meeting, datetime]]
"""Dated meetings, each with when it was last changed."""


def feed(found: Found, settings: Settings, say: Translator, address: str) -> bytes:
    """Meetings as one iCalendar object; `address` is where it is read again."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", SITE)
    calendar.add("x-wr-calname", SITE)
    calendar.add("source", address)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    host = urlsplit(settings.public_url).hostname
    for meeting, changed_at in found:
        event = Event()
        event.add("uid", f"{meeting.id}@{host}")
        event.add("sequence", meeting.version)
        event.add("dtstamp", changed_at)
        event.add("last-modified", changed_at)
        event.add("dtstart", meeting.starts_at.astimezone(settings.zone))
        # Worked out in UTC: a meeting over the night of a clock change lasts as long as it says.
        event.add("dtend", meeting.ends_at.astimezone(settings.zone))
        title = say.say(msg("Cancelled: {title}"), title=meeting.title) if meeting.cancelled else meeting.title
        event.add("summary", title)
        event.add("description", meeting.theme)
        event.add("location", f"{meeting.place}, {meeting.municipality}")
        event.add("url", f"{settings.public_url}/programmes/{meeting.programme_id}")
        event.add("class", "PUBLIC")
        event.add("transp", "TRANSPARENT")
        event.add("status", "CANCELLED" if meeting.cancelled else "CONFIRMED")
        calendar.add_component(event)
    if found:
        years = [meeting.starts_at.astimezone(settings.zone).year for meeting, _ in found]
        # Without limits the library lists every clock change from 1970 on.
        calendar.add_missing_timezones(first_date=date(min(years), 1, 1), last_date=date(max(years) + 1, 1, 1))
    return bytes(calendar.to_ical())


def answer(request: Request, content: bytes) -> Response:
    """A feed, or that it is as it was."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"max-age={KEPT_SECONDS}", "Vary": "Accept-Language, Cookie"}
    if tag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'inline; filename="{FILE_NAME}"'
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
