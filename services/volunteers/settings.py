"""The volunteers service's environment variables: those that every service has."""

from shared.settings import Settings

__all__ = ["Settings"]
