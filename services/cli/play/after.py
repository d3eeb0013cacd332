"""After the course: close the surveys, publish, and read what came of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from motesplats_events import ParticipantRegistered, ResultsPublished, SessionHeld
from services.cli.asking import SERVICES
from services.cli.play.api import StillMissing
from services.cli.play.result import rounded
from services.cli.play.stage import Stage
from services.cli.play.story import LectureAnswer

SURVEYS_CLOSE = timedelta(days=15)


async def complete_assignments(stage: Stage) -> None:
    """Peers say by their link that they have done it."""
    done = stage.peers[: stage.story.assignments.completed]
    if done:
        stage.say(f"{len(done)} of the peers complete their assignment")
    for person in done:
        body = {"token": stage.mailbox.token(person, "assignments"), "hours": 2, "people_met": 6}
        await stage.api.send("POST", "/api/volunteers/completions", body, used_is_done=True)


async def close_surveys(stage: Stage) -> None:
    """Move past the surveys' last day and wait for all answers to be counted."""
    stage.say("The surveys close")
    last = stage.story.programme.sessions[-1]
    await stage.clock.not_before(last.at + timedelta(minutes=last.minutes) + SURVEYS_CLOSE)

    async def still_open() -> Sequence[str]:
        results = await stage.results()
        return [] if results["complete"] else [f"{results['open_surveys']} open surveys"]

    await stage.api.until(still_open, "Closing of the surveys")

    answers = {
        "lectures": sum(sum(row.values()) for row in stage.story.lectures),
        "course": sum(stage.story.course.values()),
    }

    async def uncounted() -> Sequence[str]:
        results = await stage.results()
        got = {measure: (results.get(measure) or {}).get("n") for measure in answers}
        missing = [
            f"{measure}, {got[measure] or 'too few'} of {n} answers"
            for measure, n in answers.items()
            if got[measure] != n and n >= 5
        ]
        if results["assignments"] < stage.story.assignments.completed:
            missing.append("completed assignments")
        return missing

    try:
        await stage.api.until(uncounted, "Figures", seconds=15)
    except StillMissing as missing:
        # A wrong figure is shown with the differences, and a platform may suppress more than the usual base of five.
        stage.say(str(missing))


async def publish(stage: Stage) -> None:
    """Write the poster's texts, approve the quotes that may be published, publish."""
    stage.say("The results are published")
    programme = f"/api/evaluation/programmes/{stage.programme_id}"
    if stage.story.poster is not None:
        poster = stage.story.poster.model_dump(mode="json")
        await stage.api.send("PUT", f"{programme}/poster", poster, staff=True)
    consented = {_words(quote.text) for quote in stage.story.quotes if quote.consent == "publish"}
    for quote in (await stage.results())["quotes"]:
        if _words(quote["text"]) in consented:
            path = f"/api/evaluation/quotes/{quote['quote_id']}"
            await stage.api.send("POST", path, {"status": "approved"}, staff=True)
    await stage.api.send("POST", f"{programme}/publish", staff=True)


def _words(text: str) -> str:
    return " ".join(text.split())


async def read_result(stage: Stage) -> None:
    """Read the figures as staff see them, what was published, what was sent, and which events there were."""
    result, results = stage.result, await stage.results()
    shares = (results.get("lectures") or {}).get("shares") or {}
    result.lectures = {option.value: rounded(shares.get(option), 2) for option in LectureAnswer}
    course = results.get("course") or {}
    result.course = {"mean": rounded(course.get("mean"), 1), "n": course.get("n")}
    public = await stage.api.get(f"/api/evaluation/results/{stage.programme_id}")
    result.quotes = [quote["text"] if isinstance(quote, dict) else quote for quote in public["quotes"]]
    states = Counter(row["status"] for row in await stage.assignments())
    result.assignments = {
        "offered": states.total(),
        "accepted": states["accepted"] + states["completed"],
        "completed": states["completed"],
    }
    result.sent = await stage.sent()
    result.events = await _events(stage)


async def _events(stage: Stage) -> dict[str, int]:
    """Events published by all services, by topic, once the last of them have left."""
    at_least = {
        ParticipantRegistered.topic: len(stage.participants),
        SessionHeld.topic: len(stage.sessions),
        ResultsPublished.topic: 1,
    }
    events: Counter[str] = Counter()

    async def unpublished() -> Sequence[str]:
        events.clear()
        for service in SERVICES:
            events.update(await stage.api.get(f"/api/{service}/events/counts", staff=True))
        return [f"{n - events[topic]} × {topic}" for topic, n in at_least.items() if events[topic] < n]

    await stage.api.until(unpublished, "Published events")
    return dict(sorted(events.items()))
