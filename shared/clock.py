"""The platform's time. Rules are given it; leases, timeouts and sign-in use the real clock instead."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time, or in trial mode real time moved by a fixed amount.

    Attributes:
        ahead_by: platform time minus real time; negative when the platform stands in the past.
    """

    def __init__(self) -> None:
        self.ahead_by = timedelta()

    def now(self) -> datetime:
        """The platform's time, in UTC."""
        return datetime.now(UTC) + self.ahead_by
