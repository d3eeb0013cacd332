"""The evaluation service's environment variables."""

from shared.settings import Settings as SharedSettings

TRIAL_PAUSE_SECONDS = 0.5
PAUSE_SECONDS = 30.0
COUNTING_PAUSE_SECONDS = 5.0


class Settings(SharedSettings):
    """See `shared.settings.Settings`; the evaluation service has none of its own."""

    @property
    def pause(self) -> float:
        """Real seconds between two looks at which answers may be released."""
        return TRIAL_PAUSE_SECONDS if self.trial else PAUSE_SECONDS

    @property
    def counting_pause(self) -> float:
        """Real seconds between two looks at which news is to be counted for the reports."""
        return TRIAL_PAUSE_SECONDS if self.trial else COUNTING_PAUSE_SECONDS
