"""What this service announces: that surveys exist, that answers came, and results that were made public."""

from motesplats_events import PublishedFigure, ResultsPublished, SurveyOpened, SurveySubmitted
from services.evaluation.domain.figures import Figure
from services.evaluation.domain.posters import PublishedPoster
from services.evaluation.domain.surveys import Survey


def survey_opened(survey: Survey) -> SurveyOpened:
    """A survey is open."""
    return SurveyOpened(
        survey_id=survey.survey_id,
        programme_id=survey.programme_id,
        kind=survey.kind,
        audience=list(survey.audience),
        closes_at=survey.closes_at,
    )


def survey_submitted(survey: Survey, released: int) -> SurveySubmitted:
    """So many answers were released: never an answer, never whose."""
    return SurveySubmitted(
        survey_id=survey.survey_id,
        programme_id=survey.programme_id,
        session_id=survey.session_id,
        instrument=survey.instrument,
        instrument_version=survey.instrument_version,
        released=released,
    )


def results_published(published: PublishedPoster) -> ResultsPublished:
    """A poster is public."""
    poster = published.poster
    return ResultsPublished(
        programme_id=poster.programme_id,
        title=poster.title,
        organiser=poster.organiser,
        municipality=poster.municipality,
        figures=[_figure(poster.lectures), _figure(poster.course)],
        quotes=list(poster.quotes),
        definitions_version=poster.definitions_version,
        published_on=published.published_on,
    )


def _figure(figure: Figure) -> PublishedFigure:
    return PublishedFigure.model_validate(figure.model_dump())
