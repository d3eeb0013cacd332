"""Volunteers of a chronicle: enrolled, asked by units, and whether there are enough."""

from datetime import timedelta

from services.cli.play.api import each
from services.cli.play.chronicle.shapes import Ask, Enough, Enrol
from services.cli.play.chronicle.stage import Stage

VOLUNTEERS = "/api/volunteers/volunteers"
REQUESTS = "/api/volunteers/requests"
NOTICE = timedelta(days=10)


async def enrol(stage: Stage, step: Enrol) -> None:
    """Enrol volunteers who have signed on paper and done the basic training."""
    stage.say(f"{step.count} × {step.enrol} enrolled in {step.municipality}")
    today = (await stage.clock.now()).date().isoformat()

    async def one(_: int) -> None:
        person = stage.invent_person()
        body = {
            "name": person.name,
            "email": person.email,
            "language": person.language,
            "roles": [step.enrol],
            "municipality": step.municipality,
            "themes": step.themes,
            "agreement_signed_on": today,
            "trainings": [{"training": "basic", "completed_on": today}],
        }
        made = await stage.api.send("POST", VOLUNTEERS, body, staff=True)
        stage.volunteers[made["volunteer_id"]] = (person, step.enrol)

    await each(range(step.count), one)


async def ask(stage: Stage, step: Ask) -> None:
    """Units ask, one after the other; whom the matching asks says yes, and does it."""
    stage.say(f"{step.count} requests for a {step.ask_for}")
    begins = await stage.clock.now()
    for number in range(step.count):
        await stage.clock.not_before(begins + timedelta(days=step.over_days) * number / step.count)
        await _one(stage, step, number)


async def _one(stage: Stage, step: Ask, number: int) -> None:
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
    person, _ = stage.volunteers[asked["volunteer_id"]]
    token = await stage.token(person.email, "assignments", stage.asked[asked["volunteer_id"]])
    answer = {"token": token, "answer": "accept"}
    await stage.api.send("POST", "/api/volunteers/answers", answer, used_is_done=True)
    await stage.clock.not_before(at + timedelta(hours=2))
    done = {"hours": step.hours, "people_met": step.people_met}
    path = f"/api/volunteers/assignments/{asked['assignment_id']}/completion"
    await stage.api.send("POST", path, done, staff=True)


async def enough(stage: Stage, step: Enough) -> None:
    """Coordinators answer for each programme."""
    offers = stage.offers[step.enough]
    stage.say(f"Enough volunteers? {step.say_yes} of {len(offers)} say yes")
    await stage.until_volunteers_know(offers)
    answers = [{"programme_id": offer.programme_id, "enough": n < step.say_yes} for n, offer in enumerate(offers)]
    await stage.api.send("POST", "/api/volunteers/sufficiency", {"answers": answers}, staff=True)
