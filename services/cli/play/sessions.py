"""The course: reminders, attendance, and what people answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.cli.play.api import ApiError, Refused, each
from services.cli.play.stage import Participant, Stage
from services.cli.play.story import LectureAnswer


async def meet(stage: Stage, number: int) -> None:
    """Remind, meet, mark who came, hold the session and answer its survey."""
    planned = stage.story.programme.sessions[number]
    await _remind(stage, planned.at)
    if number == 0:
        await stage.look_up_registrations()
    attending = stage.confirmed()[: stage.story.attendance[number]]
    stage.say(f"{planned.at:%Y-%m-%d} {planned.theme}: {len(attending)} attend")
    await stage.clock.not_before(planned.at + timedelta(minutes=planned.minutes))
    path = f"/api/registration/sessions/{stage.sessions[number]}"
    await stage.api.send("PUT", f"{path}/attendance", {"attended": [p.id for p in attending]}, staff=True)
    await stage.api.send("POST", f"{path}/hold", staff=True)
    await _answer_lecture(stage, number, attending)


async def _remind(stage: Stage, session_at: datetime) -> None:
    # Reminders are due at 09:00 the day before, in the platform's zone, which need not be the story's.
    zone = ZoneInfo((await stage.api.get("/api/notification/time", staff=True))["zone"])

    def due_at(start: datetime) -> datetime:
        return datetime.combine(start.astimezone(zone).date() - timedelta(days=1), time(9), zone)

    await stage.clock.not_before(due_at(session_at) + timedelta(minutes=1))
    now = await stage.clock.now()
    due = [due_at(session.at) for session in stage.story.programme.sessions]
    wanted = len(stage.confirmed()) * sum(stage.begun < moment <= now for moment in due)

    async def unsent() -> Sequence[str]:
        sent = (await stage.sent()).get("reminder", 0)
        return [f"{wanted - sent} of {wanted}"] if sent < wanted else []

    await stage.api.until(unsent, f"Reminders up to the session of {session_at:%Y-%m-%d}")


async def _answer_lecture(stage: Stage, number: int, attending: Sequence[Participant]) -> None:
    row = stage.story.lectures[number] if stage.story.lectures else {}
    answers = [option for option in LectureAnswer for _ in range(row.get(option, 0))]
    tokens = await _survey_tokens(stage, attending, "session", f"Survey links after session {number + 1}")

    async def answer(pair: tuple[str, LectureAnswer]) -> None:
        token, option = pair
        await _submit(stage, token, {"answers": {_item(stage, token, "choice"): option}})

    await each(zip(tokens, answers, strict=False), answer)


async def answer_course(stage: Stage) -> None:
    """Who attended at least once answers the course survey, the first with their quotes."""
    grades = [grade for grade, count in stage.story.course.items() for _ in range(count)]
    quotes = [*stage.story.quotes, *[None] * len(grades)]
    attended = stage.confirmed()[: max(stage.story.attendance)]
    tokens = await _survey_tokens(stage, attended, "course", "Links to the course survey")
    stage.say(f"{len(grades)} answer the course survey")

    async def answer(triple: tuple[str, int, Any]) -> None:
        token, grade, quote = triple
        body: dict[str, object] = {"answers": {_item(stage, token, "scale"): grade}}
        if quote is not None:
            body |= {"comment": quote.text, "quote_consent": quote.consent}
        await _submit(stage, token, body)

    await each(zip(tokens, grades, quotes, strict=False), answer)


async def _submit(stage: Stage, token: str, body: Mapping[str, object]) -> None:
    await stage.api.send("POST", f"/api/evaluation/surveys/{token}", body, used_is_done=True)


def _item(stage: Stage, token: str, kind: str) -> str:
    """The code of the survey's first item of this kind."""
    for item in stage.surveys[token]["items"]:
        if item["kind"] == kind:
            return str(item["code"])
    raise ApiError(f"The survey has no {kind} item to answer")


async def _survey_tokens(stage: Stage, people: Sequence[Participant], kind: str, what: str) -> list[str]:
    """A new survey link of this kind for each of `people`, in their order."""
    found: dict[str, str] = {}

    async def missing() -> Sequence[str]:
        links = {token: mail.to for mail in await stage.mailbox.look() if (token := mail.token("surveys"))}
        await each(links.keys() - stage.surveys.keys(), look)
        for token in links.keys() & stage.surveys.keys() - stage.given:
            if stage.surveys[token]["kind"] == kind:
                stage.given.add(token)
                found[links[token]] = token
        return [p.person.name for p in people if p.person.email not in found]

    async def look(token: str) -> None:
        try:
            answer = await stage.api.get(f"/api/evaluation/surveys/{token}")
        except Refused as refusal:
            # A mail can be quicker than the event that makes its link valid.
            if refusal.status != 410:
                raise
        else:
            stage.surveys[token] = answer["survey"]

    await stage.api.until(missing, what)
    return [found[p.person.email] for p in people]
