"""Programmes of a chronicle: planned, registered for, led, held and counted, and a new group from a queue."""

from collections.abc import Sequence
from datetime import datetime
from itertools import cycle, islice
from typing import Any

from motesplats_events import VolunteerRole
from services.cli.play.api import ApiError, each
from services.cli.play.chronicle.shapes import Hold, Lead, NewGroup, Plan, Register, Visits
from services.cli.play.chronicle.stage import Offer, Stage

PROGRAMMES = "/api/registration/programmes"
SESSIONS = "/api/registration/sessions"


async def plan(stage: Stage, step: Plan) -> None:
    """Plan one programme in each municipality, in turn."""
    number = step.count or len(step.municipalities)
    stage.say(f"{number} × {step.title}: planned")
    rule = {
        "first": step.meets.first.isoformat(),
        "rule": step.meets.rule,
        "without_holidays_of": step.meets.without_holidays_of,
    }
    dates = (await stage.api.send("POST", "/api/registration/dates", rule, staff=True))["at"]
    offers = stage.offers.setdefault(step.plan, [])
    where = islice(cycle(step.municipalities), number)

    async def one(named: tuple[int, str]) -> None:
        n, municipality = named
        title = f"{step.title} {n}" if number > 1 and number != len(step.municipalities) else step.title
        body = {
            "title": title,
            "organiser": stage.organiser,
            "kind": step.kind,
            "place": {"name": step.place, "municipality": municipality},
            "places": step.places,
            "sessions": [{"at": at, "minutes": step.meets.minutes, "theme": step.meets.theme} for at in dates],
            "about": step.about,
            "format": step.format,
            "minimum": step.minimum,
            "optimum": step.optimum,
            "hosts_needed": step.hosts,
            "facilitators_needed": step.facilitators,
        }
        offers.append(_offer(await stage.api.send("POST", PROGRAMMES, body, staff=True)))

    await each(enumerate(where, 1), one)
    offers.sort(key=lambda offer: (offer.title, offer.municipality))


def _offer(planned: dict[str, Any]) -> Offer:
    sessions = sorted(planned["sessions"], key=lambda session: datetime.fromisoformat(session["at"]))
    return Offer(planned["programme_id"], planned["title"], sessions=sessions, municipality=planned["municipality"])


async def register(stage: Stage, step: Register) -> None:
    """People register by the public form, one after the other in each programme."""
    stage.say(f"{step.count} × {step.role} register for {step.register_for}")

    async def one(offer: Offer) -> None:
        for _ in range(step.count):
            person = stage.invent_person()
            body = {
                "role": step.role,
                "name": person.name,
                "email": person.email,
                "language": person.language,
                "reminders": False,
                "consent": True,
            }
            await stage.api.send("POST", f"{PROGRAMMES}/{offer.programme_id}/registrations", body)

    await each(stage.offers[step.register_for], one)


async def lead(stage: Stage, step: Lead) -> None:
    """The group leaders who lead least have said yes, and the coordinator notes it."""
    offers = stage.offers[step.lead]
    await stage.until_volunteers_know(offers)
    for offer in offers:
        stage.say(f"{step.count} lead {offer.title}")
        leaders = sorted(stage.in_role(VolunteerRole.GROUP_LEADER), key=lambda id: stage.leading.get(id, 0))
        if len(leaders) < step.count:
            raise ApiError(f"{len(leaders)} group leaders are enrolled, and {offer.title} wants {step.count}")
        for volunteer_id in leaders[: step.count]:
            stage.leading[volunteer_id] = stage.leading.get(volunteer_id, 0) + 1
            body = {"volunteer_id": volunteer_id, "role": "group_leader", "said_yes": True}
            await stage.api.send("POST", f"/api/volunteers/staffing/{offer.programme_id}", body, staff=True)
        await _until_they_may_open(stage, offer, step.count)


async def _until_they_may_open(stage: Stage, offer: Offer, leaders: int) -> None:
    async def missing() -> Sequence[str]:
        path = f"/api/registration/programmes/{offer.programme_id}/staffing"
        there = (await stage.api.get(path, staff=True))["facilitators"]
        return [] if there >= leaders else [f"{offer.title} knows of {there} of {leaders}"]

    await stage.api.until(missing, "Facilitators")


async def hold(stage: Stage, step: Hold) -> None:
    """Mark who came and hold every session that has begun."""
    stage.say(f"{step.hold}: the sessions so far are held, {step.attended} came to each")
    due = await stage.begun(step.hold)
    there: dict[str, list[str]] = {}
    for offer in {offer.programme_id: offer for offer, _ in due}.values():
        rows = await stage.registrations(offer)
        confirmed = [row["participant_id"] for row in rows if row["status"] == "confirmed"]
        if len(confirmed) < step.attended:
            raise ApiError(f"{offer.title}: {step.attended} attend, but only {len(confirmed)} have a place")
        there[offer.programme_id] = confirmed[: step.attended]

    async def one(both: tuple[Offer, dict[str, Any]]) -> None:
        offer, session = both
        path = f"{SESSIONS}/{session['session_id']}"
        await stage.api.send("PUT", f"{path}/attendance", {"attended": there[offer.programme_id]}, staff=True)
        await stage.api.send("POST", f"{path}/hold", staff=True)
        offer.held.add(session["session_id"])

    await each(due, one)


async def visits(stage: Stage, step: Visits) -> None:
    """Count visitors and hold every session that has begun."""
    stage.say(f"{step.visits}: {step.each} visitors at each session so far")

    async def one(both: tuple[Offer, dict[str, Any]]) -> None:
        offer, session = both
        path = f"{SESSIONS}/{session['session_id']}"
        hour = datetime.fromisoformat(session["at"]).astimezone().hour
        body = {
            "visitors": [{"hour": hour, "role": "patient", "number": step.each}],
            "first_visits": step.first_visits,
        }
        await stage.api.send("PUT", f"{path}/headcount", body, staff=True)
        await stage.api.send("POST", f"{path}/hold", staff=True)
        offer.held.add(session["session_id"])

    await each(await stage.begun(step.visits), one)


async def new_group(stage: Stage, step: NewGroup) -> None:
    """Take up the platform's proposal: copy the group, ask those who wait, and let some of them say yes."""
    (like,) = stage.offers[step.like]
    proposals = await stage.api.get("/api/registration/proposals", staff=True)
    proposed = next((p for p in proposals if p["like"] == like.programme_id), None)
    stage.compare(f"proposal.{step.like}.waiting", step.waiting, proposed and proposed["waiting"])
    stage.say(f"{step.title}: a new group for those who wait for {like.title}")
    copy = await stage.api.get(f"{PROGRAMMES}/{like.programme_id}/copy", staff=True, first=step.first.isoformat())
    copy |= {"title": step.title, "place": {**copy["place"], "name": step.place}}
    offer = _offer(await stage.api.send("POST", PROGRAMMES, copy, staff=True))
    stage.offers[step.new_group] = [offer]
    waiting = [row for row in await stage.registrations(like) if row["status"] == "waiting"]
    for row in waiting:
        # They had been told that they wait: a place in another group takes that back, where it has not left yet.
        await stage.token(row["email"], "my", 1)
    body = {"to": offer.programme_id}
    await stage.api.send("POST", f"{PROGRAMMES}/{like.programme_id}/carry-over", body, staff=True)
    asked = [row for row in await stage.registrations(offer) if row["status"] == "offered"]
    stage.compare(f"{step.new_group}.asked_or_waiting", len(waiting), len(await stage.registrations(offer)))
    for row in asked[: step.accept]:
        token = await stage.token(row["email"], "my", 2)
        await stage.api.send("POST", "/api/registration/offers", {"token": token, "accept": True}, used_is_done=True)
