"""The volunteers service's environment variables."""

from typing import Self

from pydantic import Field, model_validator

from services.volunteers.domain.rules import Rules
from shared.settings import Settings as SharedSettings

TRIAL_PAUSE_SECONDS = 0.5
PAUSE_SECONDS = 30.0


class Settings(SharedSettings):
    """See `shared.settings.Settings`.

    Attributes:
        areas: municipalities by the area they lie in, such as `{"Höglandet": ["Eksjö", "Tranås"]}`; empty where all
            are one area.
        most_a_year: of the assignments that units ask for, one volunteer is offered at most so many in a year.
        rest_days: so many days lie at least between two of them.
        retention_months: for how long it is kept who asked for a unit, and an application that nobody answered.
        unguarded_shifts: let hosts take shifts without the guards against two hosts in one place and one host in two.
            For the tests that must see them, and refused unless trial mode is on.
    """

    areas: dict[str, list[str]] = Field({}, validation_alias="MOTESPLATS_AREAS")
    most_a_year: int = Field(12, validation_alias="MOTESPLATS_MOST_ASSIGNMENTS_A_YEAR", ge=1)
    rest_days: int = Field(7, validation_alias="MOTESPLATS_REST_DAYS", ge=0)
    retention_months: int = Field(24, validation_alias="MOTESPLATS_RETENTION_MONTHS", ge=1, le=1200)

    unguarded_shifts: bool = Field(False, validation_alias="MOTESPLATS_TEST_UNGUARDED_SHIFTS")

    @model_validator(mode="after")
    def _only_in_trials(self) -> Self:
        if self.unguarded_shifts and not self.trial:
            raise ValueError("MOTESPLATS_TEST_UNGUARDED_SHIFTS overbooks; refused where MOTESPLATS_TRIAL is not set")
        return self

    @property
    def rules(self) -> Rules:
        """The same as the rules take it."""
        return Rules(self.zone, self.areas, self.most_a_year, self.rest_days)

    @property
    def pause(self) -> float:
        """Real seconds between two looks at what is due."""
        return TRIAL_PAUSE_SECONDS if self.trial else PAUSE_SECONDS
