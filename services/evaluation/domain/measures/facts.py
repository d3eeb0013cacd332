"""What the measures count from: an offer and a volunteer, as far as others have told of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from motesplats_events import AssignmentStatus, Format, VolunteerRole
from services.evaluation.domain.measures.sums import Season


@dataclass(frozen=True, slots=True)
class Offer:
    """A programme, as the measures see it.

    Attributes:
        place: the room or house, as people call it.
        lists_people: people register for it; nobody does for a drop-in.
        first, last: the days of its first and last session; None while it has none, or none that takes place.
    """

    programme_id: str
    organiser: str
    municipality: str
    place: str
    kind: str
    format: Format
    lists_people: bool
    first: date | None
    last: date | None

    def follows(self, earlier: "Offer") -> bool:
        """Whether it goes on with an offer of an earlier season, so that both are one offer.

        What runs beside the other, elsewhere or as something else, is an offer of its own.
        """
        if self.first is None or earlier.last is None or self.first <= earlier.last:
            return False
        return self._sort == earlier._sort

    def season(self, changes: Sequence[tuple[date, bool]]) -> Season | None:
        """How something changed in it; None while it has no session."""
        return Season(self.first, self.last, changes) if self.first and self.last else None

    @property
    def _sort(self) -> tuple[str, str, str, bool]:
        return self.organiser, self.municipality, self.kind, self.lists_people


@dataclass(frozen=True, slots=True)
class Registered:
    """Somebody's registration, and when they came.

    Attributes:
        on: the day it was made; None while only later news of it has come.
        waited: it began in the queue.
        came_by: how the person found the way; None while that is not known.
        referred_by: the unit that showed the way, if one did.
        placed_on: since when a place is held.
        member_since: the first day of a membership in a group; None where there are no members.
        ended_on: the last day of the membership or registration.
        came: the days on which they attended.
    """

    on: date | None = None
    waited: bool = False
    came_by: str | None = None
    referred_by: str | None = None
    placed_on: date | None = None
    member_since: date | None = None
    ended_on: date | None = None
    came: Sequence[date] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A session that has taken place.

    Attributes:
        attended: registered people who came.
        visitors: people who came to a drop-in, by role as far as that is known.
        first_visits: how many of them came for the first time.
        age_bands: of those who liked to say.
    """

    on: date
    attended: int
    visitors: int = 0
    visitors_by_role: Mapping[str, int] | None = None
    first_visits: int = 0
    age_bands: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A coordinator has said whether the offer has enough volunteers."""

    on: date
    enough: bool


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """Everything that is known of an offer.

    Attributes:
        answers: the earliest first.
        earlier: the season that this one goes on with.
    """

    offer: Offer
    registrations: Sequence[Registered] = ()
    held: Sequence[Held] = ()
    answers: Sequence[Answered] = ()
    earlier: "OfferFacts | None" = None

    @property
    def earlier_seasons(self) -> "Iterator[OfferFacts]":
        """The seasons that this one goes on with, the newest first."""
        season = self.earlier
        while season is not None:
            yield season
            season = season.earlier


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """A volunteer does, or did, one sort of assignment.

    Attributes:
        until: the last day; None where it goes on for as long as they are here.
    """

    role: VolunteerRole
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Trained:
    """A training that was completed."""

    training: str
    on: date


@dataclass(frozen=True, slots=True)
class Assignment:
    """Something that a volunteer was asked to do.

    Attributes:
        place: the room or house of the programme, as people call it; empty outside any programme.
        on: the day of the shift or session; None where it is for a whole programme or agreed later.
    """

    role: VolunteerRole
    status: AssignmentStatus
    organiser: str
    municipality: str
    offered_on: date
    completed_on: date | None = None
    place: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A patient supporter was in contact with a unit.

    Attributes:
        new: nobody had been before.
    """

    organiser: str
    municipality: str
    on: date
    new: bool


@dataclass(frozen=True, slots=True)
class VolunteerFacts:
    """Everything that is known of a volunteer; no name.

    Attributes:
        municipality: where they live now, or want to be asked.
        enrolled_on: None while only their work is known here.
        left_on: their last day; None while they are here.
    """

    volunteer_id: str
    municipality: str = ""
    enrolled_on: date | None = None
    left_on: date | None = None
    roles: Sequence[RoleHeld] = ()
    trainings: Sequence[Trained] = ()
    assignments: Sequence[Assignment] = ()
    contacts: Sequence[Contact] = ()
