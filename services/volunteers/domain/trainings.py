"""The catalogue of trainings, what a volunteer has completed, and until when it is valid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from motesplats_events import VolunteerRole
from shared.errors import Conflict, DomainError, NotFound

MOST_MONTHS = 240


class TrainingNotFound(NotFound):
    """No training in the catalogue has this code."""


class TrainingIsKnown(Conflict):
    """The catalogue has a training with this code."""

    code = "training-is-known"


class TrainingMissing(Conflict):
    """A training that the role requires has not been completed."""

    code = "training-missing"


class TrainingExpired(Conflict):
    """A training that the role requires was completed, but is not valid on the day."""

    code = "training-expired"


class NotYetCompleted(DomainError):
    """What lies in the future has not been completed or signed."""

    code = "not-yet-completed"


@dataclass(frozen=True, slots=True)
class Training:
    """A training in the catalogue, which all organisers share.

    Attributes:
        code: its stable name, such as `basic`.
        required_for: whoever is asked as one of these must have completed it.
        months: how long it is valid; None for ever.
    """

    code: str
    title: str
    required_for: frozenset[VolunteerRole] = frozenset()
    months: int | None = None


BASIC = Training("basic", "Gemensam grundutbildning", frozenset(VolunteerRole))
"""The shared basic training, required of everybody; whoever runs the platform may rename it."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A training that somebody has completed.

    Attributes:
        expires_on: the last day on which it is valid; None for ever. As the catalogue said when it was written down.
    """

    completed_on: date
    expires_on: date | None = None


def completed_training(training: Training, on: date, today: date) -> Trained:
    """The record of a training that was completed.

    Raises:
        NotYetCompleted: the day is still to come.
    """
    if on > today:
        raise NotYetCompleted("Write a date that has been", field="completed_on")
    return Trained(on, on + relativedelta(months=training.months) if training.months else None)


def required(catalogue: Iterable[Training], role: VolunteerRole) -> Sequence[Training]:
    """The trainings that a role requires."""
    return [training for training in catalogue if role in training.required_for]


def training_fault(trained: Mapping[str, Trained], needed: Iterable[Training], on: date) -> DomainError | None:
    """What is wrong with somebody's trainings on a day; None when all that are needed are valid."""
    for training in needed:
        record = trained.get(training.code)
        if record is None:
            return TrainingMissing(
                "{training} is needed for this and has not been completed",
                field="volunteer_id",
                training=training.title,
            )
        if record.expires_on is not None and on > record.expires_on:
            return TrainingExpired(
                "{training} is needed for this on {day}, and is valid until {expires_on}",
                field="volunteer_id",
                training=training.title,
                day=on,
                expires_on=record.expires_on,
            )
    return None
