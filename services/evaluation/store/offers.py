"""Everything that is known of an offer, for the measures."""

from dataclasses import replace
from datetime import date, tzinfo

from motesplats_events import Format
from services.evaluation.domain.measures.facts import Answered, Held, Offer, OfferFacts, Registered
from services.evaluation.domain.measures.offers import next_season
from services.evaluation.domain.registrations import registered
from services.evaluation.store import people
from shared.delivery import Reading
from shared.mongo import Document


async def facts(at: Reading, programme_id: str, zone: tzinfo) -> OfferFacts | None:
    """What is known of an offer; None while it is not known which programme it is.

    Args:
        zone: in which a moment's day is told.
    """
    row = await at.db.programmes.find_one({"_id": programme_id}, session=at.session)
    if row is None:
        return None
    before = await _season_before(at, row, zone)
    earlier = await facts(at, before["_id"], zone) if before else None
    return replace(await _season(at, row, zone), earlier=earlier)


async def _season(at: Reading, row: Document, zone: tzinfo) -> OfferFacts:
    programme_id = row["_id"]
    days = {session["session_id"]: _day(session, zone) for session in row["sessions"]}
    held: list[Held] = []
    counts = {
        one["_id"]: one async for one in at.db.headcounts.find({"programme_id": programme_id}, session=at.session)
    }
    async for session in at.db.sessions.find({"programme_id": programme_id}, session=at.session):
        days[session["_id"]] = _day(session, zone)
        held.append(_held(session, counts.get(session["_id"], {}), zone))
    answers = await at.db.sufficiency.find_one({"_id": programme_id}, session=at.session)
    return OfferFacts(
        offer=_offer(row, zone),
        registrations=await _registrations(at, programme_id, days, zone),
        held=held,
        answers=_answers((answers or {}).get("answers", {})),
    )


async def seasons_beside(at: Reading, programme_id: str, copy_of: str | None) -> list[str]:
    """The programmes that were made from this one, or from the same as this one."""
    made_from = [programme_id, *([copy_of] if copy_of else [])]
    rows = at.db.programmes.find({"copy_of": {"$in": made_from}}, {"_id": 1}, session=at.session)
    return [row["_id"] async for row in rows]


async def seasons_after(at: Reading, programme_id: str) -> list[str]:
    """The programmes that were made from this one, and from those."""
    found: list[str] = []
    made_from = [programme_id]
    while made_from:
        rows = at.db.programmes.find({"copy_of": {"$in": made_from}}, {"_id": 1}, session=at.session)
        made_from = [row["_id"] async for row in rows if row["_id"] not in found]
        found += made_from
    return found


async def add_answer(at: Reading, programme_id: str, sequence: int, answered_on: date, enough: bool) -> None:
    """Keep one answer to whether an offer has enough volunteers, beside the earlier ones."""
    answer = {f"answers.{sequence}": {"on": answered_on.isoformat(), "enough": enough}}
    await at.db.sufficiency.update_one({"_id": programme_id}, {"$set": answer}, upsert=True, session=at.session)


async def _registrations(at: Reading, programme_id: str, days: dict[str, date], zone: tzinfo) -> list[Registered]:
    told = await people.told(at, programme_id)
    came: dict[str, list[date]] = {id: [] for id in told}
    for session_id, attended in (await people.attendance(at, programme_id)).items():
        if session_id in days:
            for id in attended:
                came.setdefault(id, []).append(days[session_id])
    return [registered(told.get(id, {}), when, zone) for id, when in came.items()]


async def _season_before(at: Reading, row: Document, zone: tzinfo) -> Document | None:
    """The programme that this one goes on with, if there is one and no other copy of it does."""
    if not row["copy_of"]:
        return None
    before: Document | None = await at.db.programmes.find_one({"_id": row["copy_of"]}, session=at.session)
    if before is None:
        return None
    copies = [
        _offer(copy, zone) async for copy in at.db.programmes.find({"copy_of": before["_id"]}, session=at.session)
    ]
    following = next_season(_offer(before, zone), copies)
    return before if following is not None and following.programme_id == row["_id"] else None


def _offer(row: Document, zone: tzinfo) -> Offer:
    # Also of a programme that was cancelled: what had been by then has been.
    days = [_day(session, zone) for session in row["sessions"]]
    return Offer(
        programme_id=row["_id"],
        organiser=row["organiser"],
        municipality=row["municipality"],
        place=row["place"],
        kind=row["kind"],
        format=Format(row["format"]),
        lists_people=row["lists_people"],
        first=min(days, default=None),
        last=max(days, default=None),
    )


def _held(session: Document, count: Document, zone: tzinfo) -> Held:
    return Held(
        on=_day(session, zone),
        attended=session["attended"],
        visitors=session["visitors"],
        visitors_by_role=session["visitors_by_role"],
        first_visits=count.get("first_visits", 0),
        age_bands=count.get("age_bands", {}),
    )


def _answers(rows: dict[str, Document]) -> list[Answered]:
    ordered = sorted((row["on"], int(sequence), row["enough"]) for sequence, row in rows.items())
    return [Answered(date.fromisoformat(on), enough) for on, _, enough in ordered]


def _day(session: Document, zone: tzinfo) -> date:
    day: date = session["starts_at"].astimezone(zone).date()
    return day
