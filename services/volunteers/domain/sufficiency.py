"""Whether an offer has enough volunteers, as its coordinator last answered."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.volunteers.domain.programmes import Programme
from shared.errors import Conflict, DomainError

ASK_AGAIN_AFTER = timedelta(days=365)


class AnswerFromTheFuture(DomainError):
    """An answer is for a day that has come."""

    code = "answer-from-the-future"


class NewerAnswerKnown(Conflict):
    """The newest answer counts, and there is a newer one than this."""

    code = "newer-answer-known"


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """The newest answer about one programme.

    Attributes:
        enough: whether it has enough volunteers.
        answered_on: for which day the answer was given.
        version: rises with every answer.
    """

    programme_id: str
    organiser: str
    municipality: str
    enough: bool
    answered_on: date
    version: int = 1

    def stale(self, today: date) -> bool:
        """Whether it is time to ask again."""
        return today - self.answered_on >= ASK_AGAIN_AFTER


def sufficiency_answered(
    before: Sufficiency | None, programme: Programme, enough: bool, answered_on: date, today: date
) -> Sufficiency:
    """The newest answer after this one; the same object when it says nothing new.

    Raises:
        AnswerFromTheFuture, NewerAnswerKnown.
    """
    if answered_on > today:
        raise AnswerFromTheFuture("Write a day that has been, or today", field="answered_on")
    if before is None:
        return Sufficiency(programme.programme_id, programme.organiser, programme.municipality, enough, answered_on)
    if answered_on < before.answered_on:
        raise NewerAnswerKnown("There is a newer answer, from {day}", field="answered_on", day=before.answered_on)
    after = replace(
        before,
        organiser=programme.organiser,
        municipality=programme.municipality,
        enough=enough,
        answered_on=answered_on,
    )
    return before if after == before else replace(after, version=before.version + 1)
