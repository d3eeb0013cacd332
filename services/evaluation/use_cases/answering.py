"""Answer a survey, and release answers when that gives nobody away."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

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
)
from services.evaluation.store import programmes, surveys
from shared.delivery import Delivery, Reading, Transaction
from shared.errors import DomainError

LOOKS_BETWEEN_FULL_ONES = 60


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
    found = await surveys.survey_of_link(at, hash_of(token))
    if found is None:
        raise await _unknown_link(at, now)
    if not found.takes_answers(now):
        raise SurveyHasClosed
    session = await programmes.held_session(at, found.session_id) if found.session_id else None
    return Asked(found, session, await programmes.programme(at, found.programme_id))


async def answer(
    delivery: Delivery,
    token: str,
    given: Mapping[str, Value],
    comment: str | None,
    consent: str | None,
    threshold: int,
) -> None:
    """Store an answer, and release what may be released.

    These are two transactions: the outbox row of a release is dated, and must not date the last answer.

    Raises:
        LinkIsSpent: used, or no link of ours.
        SurveyHasClosed: too late.
        LinkNotKnownYet: perhaps too early.
        Invalid: the link stays good.
    """
    hash = hash_of(token)
    survey = (await open_link(delivery.reading, token, delivery.clock.now())).survey
    reply = read_answer(survey.asks, given, comment, consent)
    if await delivery.transact(lambda tx: store_answer(tx, hash, reply, threshold), key=survey.survey_id):
        await delivery.transact(lambda tx: release_answers(tx, survey.survey_id, threshold), key=survey.survey_id)


async def store_answer(tx: Transaction, hash: str, reply: Answer, threshold: int) -> bool:
    """Keep an answer and forget the link, together or not at all.

    Returns:
        Whether some answers may now be released.

    Raises:
        LinkIsSpent: somebody was faster with the same link.
        SurveyHasClosed: too late.
    """
    survey = await surveys.use_link(tx, hash)
    if survey is None:
        raise LinkIsSpent
    if not survey.takes_answers(tx.now):
        raise SurveyHasClosed
    waiting = await surveys.add_pending(tx, survey.survey_id, reply)
    return waiting >= 2 * threshold or not await surveys.left_links(tx, survey.survey_id)


async def release_answers(tx: Transaction, survey_id: str, threshold: int) -> None:
    """Release what may be released of a survey's answers, and close it if it is over."""
    survey = await surveys.survey(tx, survey_id)
    if survey is None:
        return
    pending = await surveys.pending(tx, survey_id)
    outcome = release(survey, pending, await surveys.unused_links(tx, survey_id), threshold, tx.now)
    if outcome is None:
        return
    await surveys.save_release(tx, outcome.survey, outcome.answers, outcome.staying)
    if outcome.answers:
        announced = publishes.survey_submitted(outcome.survey, len(outcome.answers))
        tx.publish(announced, sequence=outcome.survey.version)


async def close_surveys(delivery: Delivery, threshold: int, pause: float) -> None:
    """Close surveys when their time is over, for as long as the service runs.

    Now and then every open survey is looked at, for answers whose release a fallen process left undone.

    Args:
        pause: real seconds between two looks.
    """
    looks = 0
    while True:
        closing_by = delivery.clock.now() if looks % LOOKS_BETWEEN_FULL_ONES else None
        await look_at_open_surveys(delivery, threshold, closing_by)
        looks += 1
        await asyncio.sleep(pause)


async def look_at_open_surveys(delivery: Delivery, threshold: int, closing_by: datetime | None = None) -> None:
    """Release and close what is due, of all open surveys or of those that close by a time."""
    for survey in await surveys.open_surveys(delivery.reading, closing_by):

        async def look(tx: Transaction, survey_id: str = survey.survey_id) -> None:
            await release_answers(tx, survey_id, threshold)

        await delivery.transact(look, key=survey.survey_id)


async def _unknown_link(at: Reading, now: datetime) -> DomainError:
    expecting = [s.survey_id for s in await surveys.open_surveys(at) if s.may_be_awaiting_links(now)]
    return LinkNotKnownYet() if await surveys.awaits_links(at, expecting) else LinkIsSpent()
