"""When something is asked, of whom, and until when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from motesplats_events import SurveyKind
from services.evaluation.domain.instruments import ASKED_ABOUT, Answer, Instrument, instrument
from services.evaluation.domain.release import to_release
from shared.errors import DomainError, Gone

OPEN_FOR = timedelta(days=14)
AWAITED_FOR = timedelta(hours=1)
LONGEST_TOKEN = 200

_SURVEYS = UUID("6f3a1f0e-6f3c-4c39-9a55-0d6b6ad0c1b2")


class LinkIsSpent(Gone):
    """The link was used, or is no link of ours."""

    code = "link-spent"

    def __init__(self) -> None:
        super().__init__("This link has been used, or not all of it was copied")


class SurveyHasClosed(Gone):
    """The link is right, but answers are no longer taken."""

    code = "survey-closed"

    def __init__(self) -> None:
        super().__init__("The time for answering is over")


class LinkNotKnownYet(DomainError):
    """The link may be one of those that are on their way here."""

    status = 503
    code = "not-ready"

    def __init__(self) -> None:
        super().__init__("Your questions are not quite ready. Try again in a moment")


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One meeting of a programme, as planned."""

    session_id: str
    starts_at: datetime
    theme: str


@dataclass(frozen=True, slots=True)
class Programme:
    """What the evaluation service knows of a programme.

    Attributes:
        place: the room or house.
        sessions: the earliest first.
    """

    programme_id: str
    title: str
    organiser: str
    municipality: str
    place: str
    sessions: tuple[PlannedSession, ...]


@dataclass(frozen=True, slots=True)
class HeldSession:
    """One meeting that has taken place.

    Attributes:
        attended: how many registered people came.
    """

    session_id: str
    programme_id: str
    theme: str
    starts_at: datetime
    attended: int


@dataclass(frozen=True, slots=True)
class Survey:
    """One instrument put to those who came.

    Attributes:
        session_id: None when it is about the whole programme.
        audience: the sessions whose participants are asked.
        opened_at: platform time.
        closes_at: platform time; from then on no answer is taken.
        released: how many answers have been released.
        version: rises with every change.
    """

    survey_id: str
    programme_id: str
    kind: SurveyKind
    session_id: str | None
    audience: tuple[str, ...]
    instrument: str
    instrument_version: int
    opened_at: datetime
    closes_at: datetime
    is_open: bool = True
    released: int = 0
    version: int = 1

    @property
    def asks(self) -> Instrument:
        """Its questions."""
        return instrument(self.instrument, self.instrument_version)

    def takes_answers(self, now: datetime) -> bool:
        """Whether somebody may still answer."""
        return self.is_open and now < self.closes_at

    def may_be_awaiting_links(self, now: datetime) -> bool:
        """Whether links that are not known here can be on their way.

        They travel by the broker while the mail goes its own way. Bounded, since a survey whose links never
        come would otherwise make every wrong link look like a late one.
        """
        return self.takes_answers(now) and now < self.opened_at + AWAITED_FOR


@dataclass(frozen=True, slots=True)
class Release:
    """What becomes of a survey and its pending answers.

    Attributes:
        answers: released now, in random order.
        staying: still pending, in random order.
    """

    survey: Survey
    answers: Sequence[Answer]
    staying: Sequence[Answer]


def survey_id(kind: SurveyKind, about: str) -> str:
    """The id of the one survey of this kind about a session or programme; the same at every run."""
    return str(uuid5(_SURVEYS, f"{kind}:{about}"))


def surveys_due(
    programme_id: str,
    programme: Programme | None,
    held: Sequence[HeldSession],
    opened: Collection[str],
    now: datetime,
) -> list[Survey]:
    """The surveys that should be open and have not been opened.

    A session that somebody attended is asked about when it has been held, the programme when all its sessions
    have. News arrives in any order, so this is asked at every piece of news.

    Args:
        programme: None while it is not known here which sessions it has.
        opened: ids of all surveys that were ever opened for it.
        now: platform time. A survey never counts as opened before its sessions began, even where the clock of
            this process lags behind.
    """
    attended = sorted((s for s in held if s.attended), key=lambda s: (s.starts_at, s.session_id))
    due = [_survey(SurveyKind.SESSION, programme_id, s.session_id, [s], now) for s in attended]
    if attended and programme is not None and all_held(programme, held):
        due.append(_survey(SurveyKind.COURSE, programme_id, None, attended, now))
    return [survey for survey in due if survey.survey_id not in opened]


def all_held(programme: Programme, held: Sequence[HeldSession]) -> bool:
    """Whether every planned session has taken place."""
    done = {session.session_id for session in held}
    return bool(programme.sessions) and all(session.session_id in done for session in programme.sessions)


def series_is_in(programme: Programme | None, held: Sequence[HeldSession], surveys: Sequence[Survey]) -> bool:
    """Whether all answers about lectures that can come have come."""
    still_open = any(s.is_open for s in surveys if s.kind is SurveyKind.SESSION)
    return programme is not None and all_held(programme, held) and not still_open


def everything_is_in(programme: Programme | None, held: Sequence[HeldSession], surveys: Sequence[Survey]) -> bool:
    """Whether all answers that can come have come."""
    return series_is_in(programme, held, surveys) and not any(survey.is_open for survey in surveys)


def is_over(survey: Survey, unused_links: int | None, now: datetime) -> bool:
    """Whether nobody can answer any more.

    Args:
        unused_links: how many people can still answer; None while the links are not known here.
    """
    return now >= survey.closes_at or unused_links == 0


def release_is_due(survey: Survey, waiting: int, unused_links: int | None, threshold: int, now: datetime) -> bool:
    """Whether `release` would change anything, for a survey with so many pending answers."""
    return survey.is_open and (is_over(survey, unused_links, now) or waiting >= 2 * threshold)


def release(
    survey: Survey, pending: Sequence[Answer], unused_links: int | None, threshold: int, now: datetime
) -> Release | None:
    """Close the survey if it is over, and release what may be released; None where nothing changes."""
    if not release_is_due(survey, len(pending), unused_links, threshold, now):
        return None
    over = is_over(survey, unused_links, now)
    answers, staying = to_release(pending, threshold, over)
    after = replace(survey, is_open=not over, released=survey.released + len(answers), version=survey.version + 1)
    return Release(after, answers, staying)


def hash_of(token: str) -> str:
    """What is stored of a link's token. Links of ours are short; anything longer is none."""
    if len(token) > LONGEST_TOKEN:
        raise LinkIsSpent
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _survey(
    kind: SurveyKind,
    programme_id: str,
    session_id: str | None,
    audience: Sequence[HeldSession],
    now: datetime,
) -> Survey:
    asked = ASKED_ABOUT[kind]
    opened_at = max(now, *(session.starts_at for session in audience))
    return Survey(
        survey_id=survey_id(kind, session_id or programme_id),
        programme_id=programme_id,
        kind=kind,
        session_id=session_id,
        audience=tuple(session.session_id for session in audience),
        instrument=asked.code,
        instrument_version=asked.version,
        opened_at=opened_at,
        closes_at=opened_at + OPEN_FOR,
    )
