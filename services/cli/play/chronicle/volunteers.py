"""Volunteers of a chronicle: enrolled, asked by units, and whether there are enough."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from motesplats_events import VolunteerRole
from services.cli.play.api import ApiError, each
from services.cli.play.chronicle.shapes import Ask, Enough, Enrol, Share
from services.cli.play.chronicle.stage import Enrolled, Offer, Stage

VOLUNTEERS = "/api/volunteers/volunteers"
REQUESTS = "/api/volunteers/requests"
NOTICE = timedelta(days=10)


async def enrol(stage: Stage, step: Enrol) -> None:
    """Enrol volunteers who have signed on paper, done the basic training and speak what any unit does."""
    stage.say(f"{step.count} × {step.enrol} enrolled in {step.municipality}")
    today = (await stage.clock.now()).date().isoformat()

    async def one(_: int) -> None:
        person = stage.invent_person()
        body = {
            "name": person.name,
            "email": person.email,
            "language": person.language,
            "speaks": ["sv", "da", "en"],
            "roles": [step.enrol],
            "municipality": step.municipality,
            "themes": step.themes,
            "agreement_signed_on": today,
            "trainings": [{"training": "basic", "completed_on": today}],
        }
        made = await stage.api.send("POST", VOLUNTEERS, body, staff=True)
        stage.volunteers[made["volunteer_id"]] = Enrolled(person, step.enrol, step.municipality)

    await each(range(step.count), one)


async def ask(stage: Stage, step: Ask) -> None:
    """Units ask, one after the other; whom the matching asks says yes, and does it when the day has come."""
    stage.say(f"{step.count} requests for a {step.ask_for}")
    begins = await stage.clock.now()
    promised: list[tuple[datetime, str]] = []
    for number in range(step.count):
        await stage.clock.not_before(begins + timedelta(days=step.over_days) * number / step.count)
        promised = await _do_what_is_due(stage, step, promised)
        promised.append(await _ask_one(stage, step, number))
    await stage.clock.not_before(max(over for over, _ in promised))
    await _do_what_is_due(stage, step, promised)


async def _do_what_is_due(
    stage: Stage, step: Ask, promised: Sequence[tuple[datetime, str]]
) -> list[tuple[datetime, str]]:
    """Complete what is over; what is still to come."""
    now = await stage.clock.now()
    done = {"hours": step.hours, "people_met": step.people_met}
    for over, assignment_id in promised:
        if over <= now:
            path = f"/api/volunteers/assignments/{assignment_id}/completion"
            await stage.api.send("POST", path, done, staff=True)
    return [one for one in promised if one[0] > now]


async def _ask_one(stage: Stage, step: Ask, number: int) -> tuple[datetime, str]:
    """A request, and the yes to it; when it is over, and the assignment's id."""
    at = await stage.clock.now() + NOTICE
    unit = stage.invent_person()
    wish = {
        "unit": f"Mottagning {number % 9 + 1}",
        "unit_kind": "clinic",
        "organiser": stage.organiser,
        "municipality": step.municipality,
        "contact_name": unit.name,
        "email": unit.email,
        "role": step.ask_for,
        "theme": step.theme,
        "place": "Mottagningen",
        "at": at.isoformat(),
        "consent": True,
    }
    request_id = (await stage.api.send("POST", REQUESTS, wish))["request_id"]
    await stage.api.send("POST", f"{REQUESTS}/{request_id}/search", staff=True)
    (asked,) = (await stage.api.get(f"{REQUESTS}/{request_id}", staff=True))["assignments"]
    stage.asked[asked["volunteer_id"]] += 1
    person = stage.volunteers[asked["volunteer_id"]].person
    token = await stage.token(person.email, "assignments", stage.asked[asked["volunteer_id"]])
    answer = {"token": token, "answer": "accept"}
    await stage.api.send("POST", "/api/volunteers/answers", answer, used_is_done=True)
    return at + timedelta(hours=2), str(asked["assignment_id"])


async def share(stage: Stage, step: Share) -> None:
    """The shifts of each house are shared out among the hosts who were enrolled in its municipality."""
    offers = stage.offers[step.share]
    stage.say(f"{step.share}: the shifts are shared out among the hosts")
    await stage.until_volunteers_know(offers)

    async def one(offer: Offer) -> None:
        hosts = stage.in_role(VolunteerRole.HOST, offer.municipality)
        if not hosts:
            raise ApiError(f"nobody is enrolled as a host in {offer.municipality}, where {offer.title} is")
        path = f"/api/volunteers/rotas/{offer.programme_id}/sharing"
        await stage.api.send("POST", path, {"volunteer_ids": hosts}, staff=True)

    await each(offers, one)


async def enough(stage: Stage, step: Enough) -> None:
    """Coordinators answer for each programme."""
    offers = stage.offers[step.enough]
    stage.say(f"Enough volunteers? {step.say_yes} of {len(offers)} say yes")
    await stage.until_volunteers_know(offers)
    answers = [{"programme_id": offer.programme_id, "enough": n < step.say_yes} for n, offer in enumerate(offers)]
    await stage.api.send("POST", "/api/volunteers/sufficiency", {"answers": answers}, staff=True)
