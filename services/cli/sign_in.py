"""`motesplats sign-in`."""

import uuid
from typing import Annotated

import typer

from services.cli.where import DATA, DataOption, platform

LINK_HOURS = 2.0
TOKEN_HOURS = 12.0


def sign_in(
    token: Annotated[
        bool, typer.Option("--token", help="Print an API token instead, for `Authorization: Bearer …`.")
    ] = False,
    name: Annotated[str, typer.Option(help="The name that the pages show.")] = "Coordinator",
    data: DataOption = DATA,
) -> None:
    """Print a link that signs you in as staff, once, within two hours.

    Examples:

    - `motesplats sign-in`
    - `curl -H "Authorization: Bearer $(motesplats sign-in --token)" http://127.0.0.1:8080/api/registration/clock`
    """
    found = platform(data)
    print(api_token(found.secret_key, name) if token else sign_in_link(found.url, found.secret_key, name))


def sign_in_link(url: str, secret_key: str, name: str = "Coordinator") -> str:
    """A link that signs somebody in as a coordinator of all organisers, once."""
    return f"{url}/sign-in/{_token(secret_key, name, purpose='sign-in', hours=LINK_HOURS)}"


def api_token(secret_key: str, name: str = "Coordinator") -> str:
    """A bearer token of a coordinator of all organisers."""
    return _token(secret_key, name, purpose="staff", hours=TOKEN_HOURS)


def _token(secret_key: str, name: str, *, purpose: str, hours: float) -> str:
    from pydantic import SecretStr

    from shared.access import ALL, Staff, StaffRole, staff_token
    from shared.settings import Settings

    settings = Settings(kafka_bootstrap_servers="", mongodb_uri=SecretStr(""), secret_key=SecretStr(secret_key))
    staff = Staff(name, StaffRole.COORDINATOR, (ALL,))
    return staff_token(settings, staff, purpose=purpose, hours=hours, id=uuid.uuid4().hex)
