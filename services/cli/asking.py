"""Asking the services of a running platform, as staff."""

import getpass
import os
from typing import TYPE_CHECKING, Any

from services.cli.errors import CommandError
from services.cli.sign_in import api_token
from services.cli.where import Platform

if TYPE_CHECKING:
    import httpx

SERVICES = ("registration", "notification", "evaluation", "volunteers")


def ask(platform: Platform, method: str, path: str, *, name: str | None = None) -> Any:
    """The answer of a service's API.

    Args:
        name: of who asks, as the service notes it; None: this machine's user.

    Raises:
        CommandError: it does not answer, or refuses; says why.
    """
    # Imported here: most commands ask nobody.
    import httpx

    token = api_token(platform.secret_key, name or _user())
    headers = {"Authorization": f"Bearer {token}", "accept-language": "en"}
    try:
        answer = httpx.request(method, platform.url + path, headers=headers, timeout=60)
    except httpx.HTTPError as error:
        raise CommandError(f"{platform.url} does not answer ({type(error).__name__})") from None
    if answer.is_error:
        raise CommandError(_why(answer))
    return answer.json()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container can run as a number that has no name.
        return f"user {os.getuid()}"


def _why(answer: "httpx.Response") -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        # The page of a proxy whose service is away.
        return f"it does not answer ({answer.status_code} {answer.reason_phrase})"
