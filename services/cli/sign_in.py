"""`motesplats sign-in`."""

import uuid
from typing import Annotated, TypeAlias

import typer

from services.cli.where import DATA, DataOption, platform

LINK_HOURS = 2.0
TOKEN_HOURS = 12.0
ALL = "*"

Seen: TypeAlias = tuple[str, ...]


def sign_in(
    token: Annotated[
        bool, typer.Option("--token", help="Print an API token instead, for `Authorization: Bearer …`.")
    ] = False,
    name: Annotated[str, typer.Option(help="The name that the pages show.")] = "Coordinator",
    organiser: Annotated[
        list[str] | None, typer.Option(help="Only this organiser's programmes. Can be given several times.")
    ] = None,
    area: Annotated[
        list[str] | None, typer.Option(help="Only what is in this municipality. Can be given several times.")
    ] = None,
    data: DataOption = DATA,
) -> None:
    """Print a link that signs you in as staff, once, within two hours.

    Examples:

    - `motesplats sign-in`
    - `motesplats sign-in --name Maja --organiser "Hjärtats hus" --area Tranås --area Eksjö`
    - `curl -H "Authorization: Bearer $(motesplats sign-in --token)" http://127.0.0.1:8080/api/registration/clock`
    """
    found = platform(data)
    seen = (tuple(organiser or [ALL]), tuple(area or [ALL]))
    print(api_token(found.secret_key, name, *seen) if token else sign_in_link(found.url, found.secret_key, name, *seen))


def sign_in_link(
    url: str, secret_key: str, name: str = "Coordinator", organisers: Seen = (ALL,), areas: Seen = (ALL,)
) -> str:
    """A link that signs somebody in as a coordinator, once."""
    return f"{url}/sign-in/{_token(secret_key, name, organisers, areas, purpose='sign-in', hours=LINK_HOURS)}"


def api_token(secret_key: str, name: str = "Coordinator", organisers: Seen = (ALL,), areas: Seen = (ALL,)) -> str:
    """A bearer token of a coordinator."""
    return _token(secret_key, name, organisers, areas, purpose="staff", hours=TOKEN_HOURS)


def _token(secret_key: str, name: str, organisers: Seen, areas: Seen, *, purpose: str, hours: float) -> str:
    from pydantic import SecretStr

    from shared.access import Staff, StaffRole, staff_token
    from shared.settings import Settings

    settings = Settings(kafka_bootstrap_servers="", mongodb_uri=SecretStr(""), secret_key=SecretStr(secret_key))
    staff = Staff(name, StaffRole.COORDINATOR, organisers, areas)
    return staff_token(settings, staff, purpose=purpose, hours=hours, id=uuid.uuid4().hex)
