"""Look at results, choose quotes, write a poster and publish it."""

from motesplats_events import SurveyKind
from services.evaluation import publishes
from services.evaluation.domain.figures import SessionAnswers
from services.evaluation.domain.posters import (
    Comment,
    Poster,
    PublishedPoster,
    QuoteStatus,
    Texts,
    check_decision,
)
from services.evaluation.domain.results import Evidence, for_everybody
from services.evaluation.domain.surveys import Programme
from services.evaluation.settings import Settings
from services.evaluation.store import posters, programmes, surveys
from shared.delivery import Reading, Transaction
from shared.errors import NotFound


async def programme(at: Reading, programme_id: str) -> Programme:
    """A programme.

    Raises:
        NotFound: nothing is known of it.
    """
    found = await programmes.programme(at, programme_id)
    if found is None:
        raise NotFound("There is no such programme")
    return found


async def quote(at: Reading, comment_id: str) -> tuple[Comment, Programme]:
    """A comment and the programme it is about.

    Raises:
        NotFound: there is no such comment.
    """
    found = await posters.comment(at, comment_id)
    if found is None:
        raise NotFound("There is no such quote")
    return found, await programme(at, found.programme_id)


async def evidence(at: Reading, about: Programme) -> Evidence:
    """Everything that is known of a programme's results. Show it through `domain.results` only."""
    its_surveys = await surveys.surveys(at, about.programme_id)
    lectures: list[SessionAnswers] = []
    scores: dict[int, int] = {}
    for survey in its_surveys:
        counts = await surveys.counts(at, survey.survey_id)
        if survey.kind is SurveyKind.SESSION and survey.session_id:
            by_option = {str(value): count for value, count in counts.items()}
            lectures.append(SessionAnswers(survey.session_id, survey.opened_at, by_option))
        else:
            scores = {int(value): count for value, count in counts.items()}
    return Evidence(
        programme=about,
        held=await programmes.held_sessions(at, about.programme_id),
        surveys=its_surveys,
        lectures=lectures,
        scores=scores,
        comments=await posters.comments(at, about.programme_id),
        participants=await programmes.participants(at, about.programme_id),
        invited=await surveys.minted(at, [survey.survey_id for survey in its_surveys]),
        assignments=await programmes.assignments(at, about.programme_id),
    )


async def decide_quote(tx: Transaction, comment_id: str, status: QuoteStatus, public_threshold: int) -> None:
    """Approve or reject a quote, or take that back.

    Raises:
        NotFound: there is no such comment.
        Forbidden: it may not be quoted.
    """
    found, _ = await quote(tx, comment_id)
    check_decision(found, public_threshold)
    await posters.decide(tx, comment_id, status)


async def draft(at: Reading, about: Programme, settings: Settings) -> Poster:
    """The poster as it would be published now.

    Raises:
        StillAnswering: answers can still come.
    """
    texts = await posters.texts(at, about.programme_id)
    return for_everybody(await evidence(at, about), texts, settings.public_threshold, settings.zone)


async def write_texts(tx: Transaction, programme_id: str, texts: Texts) -> None:
    """Keep the coordinator's words for the poster."""
    await programme(tx, programme_id)
    await posters.save_texts(tx, programme_id, texts)


async def publish(tx: Transaction, programme_id: str, settings: Settings) -> PublishedPoster:
    """Make the poster public as it now stands. Nothing happens where it already is.

    Raises:
        StillAnswering: answers can still come.
    """
    poster = await draft(tx, await programme(tx, programme_id), settings)
    before = await posters.published(tx, programme_id)
    if before is not None and before.poster == poster:
        return before
    published = PublishedPoster(
        poster=poster,
        published_on=tx.now.astimezone(settings.zone).date(),
        version=before.version + 1 if before else 1,
    )
    await posters.save_texts(tx, programme_id, poster.texts)
    await posters.save_published(tx, published)
    tx.publish(publishes.results_published(published), sequence=published.version)
    return published
