"""What the JSON API takes and gives."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel, StrictInt, StrictStr

from motesplats_events import SurveyKind
from services.evaluation.domain.figures import DEFINITIONS_VERSION, Figure
from services.evaluation.domain.instruments import LONGEST_COMMENT, Choice, Consent, Instrument
from services.evaluation.domain.posters import Facts, PublishedPoster, QuoteStatus, Texts
from services.evaluation.domain.results import StaffResults


class OptionOut(BaseModel):
    """One possible answer."""

    code: str
    text: str


class ItemOut(BaseModel):
    """One question; its code is the field to answer with.

    Attributes:
        options: of a choice.
        lowest: and `highest`: of a scale.
    """

    code: str
    kind: Literal["choice", "scale", "text"]
    text: str
    required: bool
    options: list[OptionOut] = []
    lowest: int | None = None
    highest: int | None = None


class SurveyOut(BaseModel):
    """What the holder of a link is asked, in English.

    Attributes:
        theme: of the session; None when the whole programme is meant.
    """

    kind: SurveyKind
    title: str | None
    theme: str | None
    instrument: str
    instrument_version: int
    closes_at: AwareDatetime
    items: list[ItemOut]


class AskedOut(BaseModel):
    """A survey behind a link."""

    survey: SurveyOut


class AnswerIn(BaseModel):
    """Answers by question: `{"lecture": "very_valuable"}` or `{"course": 9}`.

    Attributes:
        quote_consent: without it, the comment is not quoted.
    """

    answers: dict[str, StrictInt | StrictStr]
    comment: str | None = None
    quote_consent: Consent | None = None


class ShareOut(BaseModel):
    """A share measure. Everything is null where there are too few answers, or none."""

    n: int | None = None
    shares: dict[str, float] | None = None
    counts: dict[str, int] | None = None


class MeanOut(BaseModel):
    """A mean measure. Everything is null where there are too few answers, or none."""

    n: int | None = None
    mean: float | None = None
    distribution: dict[str, int] | None = None


class SessionFigureOut(ShareOut):
    """One lecture."""

    session_id: str
    theme: str
    at: AwareDatetime


class CountsOut(BaseModel):
    """How many were asked, and how many answered; the latter is null where that is too few to show."""

    answered: int | None
    invited: int


class QuoteOut(BaseModel):
    """Words that somebody allowed to be published."""

    quote_id: str
    text: str
    status: QuoteStatus


class ResultsOut(BaseModel):
    """A programme's results for staff.

    Attributes:
        lectures: pooled over the sessions.
        quotes: to approve or reject.
        comments: not to be published.
        published: whether a poster is public.
        complete: whether all answers that can come have come, so that the poster can be published.
        surveys: how many were opened; `open_surveys`: how many of them still take answers.
        assignments: completed ones.
        sessions: held ones.
        participants: different people who came at least once.
        registrations: by status and role.
    """

    programme_id: str
    title: str
    lectures: ShareOut
    lecture_sessions: list[SessionFigureOut]
    course: MeanOut
    course_responses: CountsOut
    quotes: list[QuoteOut]
    comments: list[str]
    texts: Texts
    published: bool
    complete: bool
    surveys: int
    open_surveys: int
    assignments: int
    sessions: int
    participants: int
    registrations: dict[str, dict[str, int]]
    definitions_version: int


class DecisionIn(BaseModel):
    """What a coordinator decides about a quote; `waiting` takes it back."""

    status: QuoteStatus


class TextsIn(BaseModel):
    """The poster's words, a line each."""

    aims: list[str] = []
    how: list[str] = []
    next: list[str] = []


class PosterOut(BaseModel):
    """A published poster."""

    programme_id: str
    title: str
    organiser: str
    municipality: str
    place: str
    aims: tuple[str, ...]
    how: tuple[str, ...]
    next: tuple[str, ...]
    facts: Facts
    lectures: ShareOut
    course: MeanOut
    quotes: tuple[str, ...]
    definitions_version: int
    published_on: date


def items_of(asks: Instrument) -> list[ItemOut]:
    """An instrument's questions as JSON."""
    question = asks.question
    if isinstance(question, Choice):
        options = [OptionOut(code=option.code, text=option.text) for option in question.options]
        items = [ItemOut(code=question.code, kind="choice", text=question.text, required=True, options=options)]
    else:
        ends = {"lowest": question.lowest, "highest": question.highest}
        items = [ItemOut(code=question.code, kind="scale", text=question.text, required=True, **ends)]
    if asks.free_text:
        consent = [OptionOut(code=Consent.PUBLISH, text="Yes"), OptionOut(code=Consent.NO, text="No")]
        items.append(ItemOut(code="comment", kind="text", text=asks.free_text, required=False, highest=LONGEST_COMMENT))
        items.append(
            ItemOut(code="quote_consent", kind="choice", text="May we quote it?", required=False, options=consent)
        )
    return items


def share_out(figure: Figure) -> ShareOut:
    """A share measure as JSON."""
    if not figure.is_shown:
        return ShareOut()
    return ShareOut(
        n=figure.n,
        shares={row.option: row.share or 0.0 for row in figure.distribution},
        counts={row.option: row.count or 0 for row in figure.distribution},
    )


def mean_out(figure: Figure) -> MeanOut:
    """A mean measure as JSON."""
    if not figure.is_shown:
        return MeanOut()
    counts = {row.option: row.count or 0 for row in figure.distribution}
    return MeanOut(n=figure.n, mean=figure.mean, distribution=counts)


def results_out(
    view: StaffResults, registrations: dict[str, dict[str, int]], texts: Texts, published: bool
) -> ResultsOut:
    """A programme's results as JSON for staff."""
    known = view.evidence
    sessions = {session.session_id: session for session in known.held}
    lectures = [
        SessionFigureOut(
            **share_out(figure).model_dump(),
            session_id=session_id,
            theme=sessions[session_id].theme,
            at=sessions[session_id].starts_at,
        )
        for session_id, figure in view.lectures.by_session.items()
    ]
    return ResultsOut(
        programme_id=known.programme.programme_id,
        title=known.programme.title,
        lectures=share_out(view.lectures.pooled),
        lecture_sessions=lectures,
        course=mean_out(view.course),
        course_responses=CountsOut(answered=view.course.n, invited=known.invited_to(SurveyKind.COURSE)),
        quotes=[QuoteOut(quote_id=q.comment_id, text=q.text, status=q.status) for q in view.quotes],
        comments=[comment.text for comment in view.notes],
        texts=texts,
        published=published,
        complete=known.everything_is_in,
        surveys=len(known.surveys),
        open_surveys=len(known.open_surveys),
        assignments=known.assignments,
        sessions=len(known.held),
        participants=known.participants,
        registrations=registrations,
        definitions_version=DEFINITIONS_VERSION,
    )


def poster_out(published: PublishedPoster) -> PosterOut:
    """A published poster as JSON."""
    poster = published.poster
    return PosterOut(
        programme_id=poster.programme_id,
        title=poster.title,
        organiser=poster.organiser,
        municipality=poster.municipality,
        place=poster.place,
        aims=poster.texts.aims,
        how=poster.texts.how,
        next=poster.texts.next,
        facts=poster.facts,
        lectures=share_out(poster.lectures),
        course=mean_out(poster.course),
        quotes=poster.quotes,
        definitions_version=poster.definitions_version,
        published_on=published.published_on,
    )
