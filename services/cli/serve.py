"""`motesplats serve`."""

import os
import runpy
from enum import StrEnum
from typing import Annotated

import typer


class ServiceName(StrEnum):
    """The four services."""

    REGISTRATION = "registration"
    NOTIFICATION = "notification"
    EVALUATION = "evaluation"
    VOLUNTEERS = "volunteers"


def serve(
    service: Annotated[ServiceName, typer.Argument(help="Which one.", show_default=False)],
    port: Annotated[int | None, typer.Option(help="The port to listen on; default: $PORT, or 8080.")] = None,
) -> None:
    """Run one service by itself, as in a cluster; the same as `python -m services.SERVICE`.

    It is configured by environment variables: KAFKA_BOOTSTRAP_SERVERS, MONGODB_URI, MOTESPLATS_SECRET_KEY, PUBLIC_URL …

    Example:

    - `motesplats serve registration --port 8081`
    """
    if port is not None:
        os.environ["PORT"] = str(port)
    runpy.run_module(f"services.{service}", run_name="__main__")
