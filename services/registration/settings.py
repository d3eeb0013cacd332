"""The registration service's environment variables."""

from typing import Self

from pydantic import Field, model_validator

from shared.settings import Settings as SharedSettings


class Settings(SharedSettings):
    """See `shared.settings.Settings`.

    Attributes:
        retention_months: for how long a person is kept when their last registration has ended.
        unguarded_places: give places without the guard against overbooking. For the test that must see the
            overbooking, and refused unless trial mode is on.
    """

    unguarded_places: bool = Field(False, validation_alias="MOTESPLATS_TEST_UNGUARDED_PLACES")
    retention_months: int = Field(24, validation_alias="MOTESPLATS_RETENTION_MONTHS", ge=1, le=1200)

    @model_validator(mode="after")
    def _only_in_trials(self) -> Self:
        if self.unguarded_places and not self.trial:
            raise ValueError("MOTESPLATS_TEST_UNGUARDED_PLACES overbooks; refused where MOTESPLATS_TRIAL is not set")
        return self
