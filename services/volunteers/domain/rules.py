"""What an operator decides about asking volunteers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rules:
    """How volunteers are asked here.

    Attributes:
        zone: where the platform is; decides on which day and in which year something falls.
        areas: municipalities by the area they lie in; empty where all are one area.
        most_a_year: of the assignments that units ask for, one volunteer is offered at most so many in a year.
        rest_days: so many days lie at least between two of them.
    """

    zone: ZoneInfo
    areas: Mapping[str, Collection[str]] = field(default_factory=dict)
    most_a_year: int = 12
    rest_days: int = 7

    def day(self, moment: datetime) -> date:
        """The date of a moment where the platform is."""
        return moment.astimezone(self.zone).date()

    def around(self, municipality: str) -> Collection[str] | None:
        """The municipalities of the same area; None where all are one area."""
        if not self.areas:
            return None
        own = next((inside for inside in self.areas.values() if municipality in inside), ())
        return {municipality, *own}

    def near(self, one: str, other: str) -> bool:
        """Whether two municipalities are the same or lie in the same area."""
        around = self.around(one)
        return around is None or other in around
