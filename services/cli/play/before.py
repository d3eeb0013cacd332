"""Before the course: plan it, register, ask peers, cancel."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from motesplats_events import RegistrationStatus
from services.cli.play.api import ApiError, Refused
from services.cli.play.people import Person
from services.cli.play.stage import Participant, Stage

PROGRAMMES = "/api/registration/programmes"


async def set_the_clock(stage: Stage) -> None:
    """Set the platform's clock to the story's beginning, or let it stand if it is later but not too late.

    Raises:
        ApiError: the clock stands after the first session.
    """
    starts, first = stage.story.starts, stage.story.programme.sessions[0].at
    stage.say(f"The clock is set to {starts:%Y-%m-%d %H:%M}")
    try:
        await stage.clock.move(starts)
    except Refused as refusal:
        now = await stage.clock.now()
        if refusal.status in {401, 403} or now < starts:
            raise
        if now >= first:
            raise ApiError(
                f"The platform's clock stands at {now:%Y-%m-%d}, after the story's first session, and moves only "
                "forward. Leave out --url to play on a platform of its own"
            ) from None
    stage.begun = await stage.clock.now()


async def plan(stage: Stage) -> None:
    """Plan the programme."""
    planned = stage.story.programme
    stage.say(f"{planned.title} is planned, {len(planned.sessions)} sessions")
    before = {programme["programme_id"] for programme in await _programmes(stage)}

    async def already() -> dict[str, Any] | None:
        for programme in await _programmes(stage):
            if programme["programme_id"] not in before and programme["title"] == planned.title:
                return programme
        return None

    body = planned.model_dump(mode="json")
    made = await stage.api.send("POST", PROGRAMMES, body, staff=True, done=already)
    stage.result.programme_id = made["programme_id"]
    sessions = (await stage.api.get(f"{PROGRAMMES}/{stage.programme_id}"))["sessions"]
    sessions.sort(key=lambda session: datetime.fromisoformat(session["at"]))
    stage.sessions = [session["session_id"] for session in sessions]


async def _programmes(stage: Stage) -> list[dict[str, Any]]:
    return list(await stage.api.get(PROGRAMMES))


async def register(stage: Stage) -> None:
    """Everybody registers, one after the other, and gets a mail."""
    for group in stage.story.registrations:
        stage.say(f"{group.count} × {group.role} register")
        for _ in range(group.count):
            participant = Participant(stage.invent_person(), group.role)
            stage.participants.append(participant)
            await _register(stage, participant)
    await stage.look_up_registrations()
    await stage.mailbox.wait({p.person.email: 1 for p in stage.participants}, "Confirmations")


async def _register(stage: Stage, participant: Participant) -> None:
    person = participant.person

    async def already() -> bool | None:
        return any(row["email"] == person.email for row in await stage.registrations()) or None

    body = {
        "role": participant.role,
        "name": person.name,
        "email": person.email,
        "language": person.language,
        "reminders": True,
        "consent": True,
    }
    await stage.api.send("POST", f"{PROGRAMMES}/{stage.programme_id}/registrations", body, done=already)


async def ask_peers(stage: Stage) -> None:
    """Enrol peers and offer each an assignment; so many accept as the story says, the others decline."""
    asked = stage.story.assignments
    if not asked.offered:
        return
    stage.say(f"{asked.offered} peers are asked, {asked.accepted} accept")

    async def unknown() -> Sequence[str]:
        programmes = (await stage.api.get("/api/volunteers/programmes", staff=True))["programmes"]
        known = {programme["programme_id"] for programme in programmes}
        return [] if stage.programme_id in known else [stage.story.programme.title]

    await stage.api.until(unknown, "Programmes that volunteers can be asked to")
    for _ in range(asked.offered):
        person = stage.invent_person()
        stage.peers.append(person)
        await _offer(stage, await _enrol(stage, person))
    # A welcome, and the offer.
    await stage.mailbox.wait({person.email: 2 for person in stage.peers}, "Offers")
    for number, person in enumerate(stage.peers):
        answer = "accept" if number < asked.accepted else "decline"
        body = {"token": stage.mailbox.token(person, "assignments"), "answer": answer}
        await stage.api.send("POST", "/api/volunteers/answers", body, used_is_done=True)


async def _enrol(stage: Stage, person: Person) -> str:
    path = "/api/volunteers/volunteers"

    async def already() -> dict[str, Any] | None:
        rows = (await stage.api.get(path, staff=True))["volunteers"]
        return next((row for row in rows if row["email"] == person.email), None)

    ready_on = (stage.begun - timedelta(days=1)).date().isoformat()
    body = {
        "name": person.name,
        "email": person.email,
        "language": person.language,
        "roles": ["peer"],
        "municipality": stage.story.programme.place.municipality,
        "agreement_signed_on": ready_on,
        "trainings": [{"training": "basic", "completed_on": ready_on}],
    }
    return str((await stage.api.send("POST", path, body, staff=True, done=already))["volunteer_id"])


async def _offer(stage: Stage, volunteer_id: str) -> None:
    async def already() -> bool | None:
        return any(row["volunteer_id"] == volunteer_id for row in await stage.assignments()) or None

    body = {"volunteer_id": volunteer_id, "programme_id": stage.programme_id, "role": "peer"}
    await stage.api.send("POST", "/api/volunteers/assignments", body, staff=True, done=already)


async def cancel(stage: Stage) -> None:
    """The earliest confirmed cancel by the link in their mail; those who get their places are told."""
    leaving: list[Participant] = []
    for group in stage.story.cancellations:
        of_role = [p for p in stage.confirmed() if p.role == group.role and p not in leaving]
        leaving += of_role[: group.count]
    if not leaving:
        return
    stage.say(f"{len(leaving)} cancel")
    waited = {p.id for p in stage.participants if p.status == RegistrationStatus.WAITING}
    for participant in leaving:
        body = {"token": stage.mailbox.token(participant.person, "my")}
        await stage.api.send("POST", "/api/registration/cancellations", body, used_is_done=True)
    await stage.look_up_registrations()
    promoted = [p for p in stage.confirmed() if p.id in waited]
    await stage.mailbox.wait({p.person.email: 2 for p in leaving + promoted}, "Cancelled and promoted")
