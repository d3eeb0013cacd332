"""What the evaluation service publishes: that surveys exist, that answers came, and suppressed results."""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from motesplats_events.event import Event


class SurveyKind(StrEnum):
    """What a survey asks about."""

    SESSION = "session"
    COURSE = "course"


class SurveyOpened(Event):
    """A survey is open; who attended one of its sessions is to be invited.

    Attributes:
        audience: ids of the sessions whose participants are invited.
        closes_at: after this no answer is taken.
    """

    topic = "survey-opened"
    source = "evaluation"
    subject_field = "survey_id"

    survey_id: str
    programme_id: str
    kind: SurveyKind
    audience: list[str]
    closes_at: AwareDatetime


class SurveySubmitted(Event):
    """Answers to a survey were released: how many, never what or whose.

    Attributes:
        session_id: None when the survey is about the whole programme.
        released: the number of answers released with this event; the total is the sum over the survey's events.
    """

    topic = "survey-submitted"
    source = "evaluation"
    subject_field = "survey_id"

    survey_id: str
    programme_id: str
    session_id: str | None = None
    instrument: str
    instrument_version: int
    released: int


class Share(BaseModel):
    """One row of a distribution.

    Attributes:
        option: the answer's code.
        count: answers with it; None where the base is under the threshold.
        share: of those who answered, 0 to 1; None where the base is under the threshold.
    """

    model_config = ConfigDict(frozen=True)

    option: str
    count: int | None
    share: float | None


class PublishedFigure(BaseModel):
    """One measure as the public may see it.

    Attributes:
        measure: the measure's code, such as `lectures` or `course`.
        n: respondents in the base; None where it is under the threshold.
        mean: where the measure is a mean.
        distribution: where the measure is a distribution.
    """

    model_config = ConfigDict(frozen=True)

    measure: str
    n: int | None
    mean: float | None = None
    distribution: list[Share] = []


class ResultsPublished(Event):
    """A programme's results are public. State: published again when they change."""

    topic = "results-published"
    source = "evaluation"
    subject_field = "programme_id"

    programme_id: str
    title: str
    organiser: str
    municipality: str
    figures: list[PublishedFigure]
    quotes: list[str]
    definitions_version: int
    published_on: date
