"""Asking the services of a running platform, as staff."""

from typing import Any

from services.cli.errors import CommandError
from services.cli.sign_in import api_token
from services.cli.where import Platform

SERVICES = ("registration", "notification", "evaluation", "volunteers")


def ask(platform: Platform, method: str, path: str) -> Any:
    """The answer of a service's API.

    Raises:
        CommandError: it does not answer, or refuses; says why.
    """
    # Imported here: most commands ask nobody.
    import httpx

    headers = {"Authorization": f"Bearer {api_token(platform.secret_key)}", "accept-language": "en"}
    try:
        answer = httpx.request(method, platform.url + path, headers=headers, timeout=60)
    except httpx.HTTPError as error:
        raise CommandError(f"{platform.url} does not answer ({type(error).__name__})") from None
    if answer.is_error:
        raise CommandError(str(answer.json().get("detail") or answer.reason_phrase))
    return answer.json()
