"""The registration service's environment variables."""

from pydantic import Field

from shared.settings import Settings as SharedSettings


class Settings(SharedSettings):
    """See `shared.settings.Settings`.

    Attributes:
        unguarded_places: give places without the guard against overbooking. For the test that must see the
            overbooking, and refused unless trial mode is on.
    """

    unguarded_places: bool = Field(False, validation_alias="MOTESPLATS_TEST_UNGUARDED_PLACES")
