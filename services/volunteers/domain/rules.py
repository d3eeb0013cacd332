"""What an operator decides about asking volunteers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from services.volunteers.domain.words import folded


@dataclass(frozen=True)
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
        """The municipalities of the same area, folded; None where all are one area."""
        own = folded(municipality)
        return self._around.get(own, {own}) if self.areas else None

    def near(self, one: str, other: str) -> bool:
        """Whether two municipalities are the same or lie in the same area."""
        around = self.around(one)
        return around is None or folded(other) in around

    @cached_property
    def _around(self) -> Mapping[str, Collection[str]]:
        found: dict[str, Collection[str]] = {}
        for inside in self.areas.values():
            area = frozenset(map(folded, inside))
            for municipality in area:
                found.setdefault(municipality, area)
        return found
