"""Answer a survey, and release answers when that gives nobody away."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from services.evaluation import publishes
from services.evaluation.domain.instruments import Answer, Value, read_answer
from services.evaluation.domain.surveys import (
    HeldSession,
    LinkIsSpent,
    LinkNotKnownYet,
    Programme,
    Survey,
    SurveyHasClosed,
    hash_of,
    release,
    release_is_due,
)
from services.evaluation.store import programmes, surveys
from shared.delivery import Delivery, Reading, Transaction


@dataclass(frozen=True, slots=True)
class Asked:
    """A survey as it is put to somebody.

    Attributes:
        session: what it is about; None when it is about the whole programme.
        programme: None while the programme is not known here.
    """

    survey: Survey
    session: HeldSession | None
    programme: Programme | None


async def open_link(at: Reading, token: str, now: datetime) -> Asked:
    """What the holder of a link is asked.

    Raises:
        LinkIsSpent: used, or no link of ours.
        SurveyHasClosed: too late.
        LinkNotKnownYet: perhaps too early.
    """
    survey = await _survey_behind(at, hash_of(token), now)
    session = await programmes.held_session(at, survey.session_id) if survey.session_id else None
    return Asked(survey, session, await programmes.programme(at, survey.programme_id))


async def answer(
    delivery: Delivery, token: str, given: Mapping[str, Value], comment: str | None, consent: str | None
) -> None:
    """Take an answer. It is released later, at a moment of its own: that one is announced, and this one nowhere.

    Raises:
        LinkIsSpent: used, or no link of ours.
        SurveyHasClosed: too late.
        LinkNotKnownYet: perhaps too early.
        Invalid: the link stays good.
    """
    hash = hash_of(token)
    survey = await _survey_behind(delivery.reading, hash, delivery.clock.now())
    reply = read_answer(survey.asks, given, comment, consent)
    await delivery.transact(lambda tx: store_answer(tx, hash, reply), key=survey.survey_id)


async def store_answer(tx: Transaction, hash: str, reply: Answer) -> None:
    """Keep an answer and forget the link, together or not at all.

    Raises:
        LinkIsSpent: somebody was faster with the same link.
        SurveyHasClosed: too late.
    """
    survey = await surveys.use_link(tx, hash)
    if survey is None:
        raise LinkIsSpent
    if not survey.takes_answers(tx.now):
        raise SurveyHasClosed
    await surveys.add_pending(tx, survey.survey_id, reply)


async def release_and_close(delivery: Delivery, threshold: int, pause: float) -> None:
    """Release answers and close surveys when it is time, for as long as the service runs.

    Args:
        pause: real seconds between two looks.
    """
    while True:
        await look_at_open_surveys(delivery, threshold)
        await asyncio.sleep(pause)


async def look_at_open_surveys(delivery: Delivery, threshold: int) -> None:
    """Release and close what is due now."""
    found = await surveys.open_surveys(delivery.reading)
    ids = [survey.survey_id for survey in found]
    waiting = await surveys.waiting(delivery.reading, ids) if ids else {}
    unused = await surveys.unused_links(delivery.reading, ids) if ids else {}
    now = delivery.clock.now()
    for survey in found:
        id = survey.survey_id
        if release_is_due(survey, waiting.get(id, 0), unused.get(id), threshold, now):
            await delivery.transact(partial(release_answers, survey_id=id, threshold=threshold), key=id)


async def release_answers(tx: Transaction, survey_id: str, threshold: int) -> None:
    """Release what may be released of a survey's answers, and close it if it is over."""
    survey = await surveys.survey(tx, survey_id)
    if survey is None:
        return
    unused = await surveys.unused_links(tx, [survey_id])
    pending = await surveys.pending(tx, survey_id)
    outcome = release(survey, pending, unused.get(survey_id), threshold, tx.now)
    if outcome is None:
        return
    await surveys.save_release(tx, outcome.survey, outcome.answers, outcome.staying)
    if outcome.answers:
        announced = publishes.survey_submitted(outcome.survey, len(outcome.answers))
        tx.publish(announced, sequence=outcome.survey.version)


async def _survey_behind(at: Reading, hash: str, now: datetime) -> Survey:
    survey = await surveys.survey_of_link(at, hash)
    if survey is None:
        expecting = {s.survey_id for s in await surveys.open_surveys(at) if s.may_be_awaiting_links(now)}
        if expecting - (await surveys.minted(at, list(expecting))).keys():
            raise LinkNotKnownYet
        raise LinkIsSpent
    if not survey.takes_answers(now):
        raise SurveyHasClosed
    return survey
