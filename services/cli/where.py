"""Which platform a command is about: the one that runs on a data folder, or the one that the environment names."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from services.cli.errors import CommandError
from shared.embedded.children import EmbeddedError
from shared.embedded.folder import KEY_FILE, read_secret, running

DataOption = Annotated[Path, typer.Option("--data", help="The data folder of the platform.", envvar="MOTESPLATS_DATA")]
DATA = Path("data")


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform.

    Attributes:
        url: where its pages and API are.
        secret_key: what signs its links.
        kafka_bootstrap_servers: its broker.
    """

    url: str
    secret_key: str
    kafka_bootstrap_servers: str


def platform(data: Path) -> Platform:
    """The platform that runs on this data folder, or else the one that the environment names, as in a container.

    Raises:
        CommandError: none does.
    """
    try:
        facts = running(data)
    except EmbeddedError as error:
        names = ("PUBLIC_URL", "MOTESPLATS_SECRET_KEY", "KAFKA_BOOTSTRAP_SERVERS")
        if all(named := [os.environ.get(name, "") for name in names]):
            return Platform(*named)
        raise CommandError(str(error)) from None
    key = os.environ.get("MOTESPLATS_SECRET_KEY") or read_secret(data, KEY_FILE)
    if key is None or (facts["own_key"] and not os.environ.get("MOTESPLATS_SECRET_KEY")):
        raise CommandError("this platform was started with MOTESPLATS_SECRET_KEY; set it to the same value here")
    return Platform(facts["url"], key, facts["kafka_bootstrap_servers"])
