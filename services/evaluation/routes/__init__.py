"""JSON API: answer a survey, read results and reports, choose quotes, write and publish the poster."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.evaluation.domain.posters import Texts, read_texts
from services.evaluation.domain.results import for_staff
from services.evaluation.routes.shapes import (
    AnswerIn,
    AskedOut,
    DecisionIn,
    PosterOut,
    QuoteOut,
    ResultsOut,
    SurveyOut,
    TextsIn,
    items_of,
    poster_out,
    results_out,
)
from services.evaluation.settings import Settings
from services.evaluation.store import posters, programmes
from services.evaluation.use_cases import answering, results
from shared.access import Staff, may, staff
from shared.delivery import Delivery
from shared.errors import NotFound

SignedIn = Annotated[Staff, Depends(staff)]


def router(delivery: Delivery, settings: Settings) -> APIRouter:
    """The routes under /api/evaluation."""
    api = APIRouter(prefix="/api/evaluation", tags=["evaluation"])
    reading = delivery.reading

    @api.get("/surveys/{token}")
    async def asked(token: str) -> AskedOut:
        """What a link asks. 410 when it was used, has expired or was never given out."""
        found = await answering.open_link(reading, token, delivery.clock.now())
        return AskedOut(
            survey=SurveyOut(
                kind=found.survey.kind,
                title=found.programme.title if found.programme else None,
                theme=found.session.theme if found.session else None,
                instrument=found.survey.instrument,
                instrument_version=found.survey.instrument_version,
                closes_at=found.survey.closes_at,
                items=items_of(found.survey.asks),
            )
        )

    @api.post("/surveys/{token}", status_code=204)
    async def answer(token: str, sent: AnswerIn) -> None:
        """Answer, once."""
        await answering.answer(delivery, token, sent.answers, sent.comment, sent.quote_consent)

    @api.get("/programmes/{programme_id}/results")
    async def staff_results(programme_id: str, staff: SignedIn) -> ResultsOut:
        """A programme's results as staff may see them."""
        about = await results.programme(reading, programme_id)
        may(staff, about)
        view = for_staff(await results.evidence(reading, about), settings.staff_threshold, settings.public_threshold)
        return results_out(
            view,
            registrations=await programmes.registrations(reading, programme_id),
            texts=await posters.texts(reading, programme_id),
            published=await posters.published(reading, programme_id) is not None,
        )

    @api.post("/quotes/{quote_id}")
    async def decide(quote_id: str, decision: DecisionIn, staff: SignedIn) -> QuoteOut:
        """Approve or reject a quote, or take that back."""
        found, about = await results.quote(reading, quote_id)
        may(staff, about)
        await delivery.transact(
            lambda tx: results.decide_quote(tx, quote_id, decision.status, settings.public_threshold)
        )
        return QuoteOut(quote_id=quote_id, text=found.text, status=decision.status)

    @api.put("/programmes/{programme_id}/poster")
    async def write(programme_id: str, sent: TextsIn, staff: SignedIn) -> Texts:
        """Keep the poster's words."""
        may(staff, await results.programme(reading, programme_id))
        texts = read_texts(sent.aims, sent.how, sent.next)
        await delivery.transact(lambda tx: results.write_texts(tx, programme_id, texts), key=programme_id)
        return texts

    @api.post("/programmes/{programme_id}/publish")
    async def publish(programme_id: str, staff: SignedIn) -> PosterOut:
        """Make the poster public as it now stands. 409 while answers can still come."""
        may(staff, await results.programme(reading, programme_id))
        published = await delivery.transact(lambda tx: results.publish(tx, programme_id, settings), key=programme_id)
        return poster_out(published)

    @api.get("/results")
    async def public_list() -> list[PosterOut]:
        """Every published poster, the latest programme first."""
        return [poster_out(published) for published in await posters.all_published(reading)]

    @api.get("/results/{programme_id}")
    async def public_results(programme_id: str) -> PosterOut:
        """A published poster."""
        published = await posters.published(reading, programme_id)
        if published is None:
            raise NotFound("No results have been published here")
        return poster_out(published)

    return api
