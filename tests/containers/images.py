"""Which images the containers of the tests are made from, and why there can be none.

By default those that `make images` built on this machine. With `IMAGES=official` in the environment the official ones,
which Docker pulls; the names are in deploy/compose.yaml.
"""

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
LOCAL = DEPLOY / "local.env"
OFFICIAL = os.environ.get("IMAGES") == "official"


def composed(service: str) -> dict[str, Any]:
    """What the compose file says of a service, with the names of the images filled in."""
    text = re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: names().get(found[1], found[2]), COMPOSE.read_text())
    return dict(yaml.safe_load(text)["services"][service])


def names() -> dict[str, str]:
    """The variables of the compose file that name images; empty for the official ones."""
    lines = [] if OFFICIAL else LOCAL.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@functools.cache
def cannot_run(*services: str) -> str | None:
    """Why these services cannot run in containers here; None when they can."""
    try:
        import docker
    except ImportError:
        return "testcontainers is not installed (make setup)"
    try:
        client = docker.from_env()
        client.ping()
    except Exception as error:
        return f"Docker does not answer ({type(error).__name__})"
    there = {tag for image in client.images.list() for tag in image.tags}
    client.close()
    missing = {composed(service)["image"] for service in services} - there
    if missing and not OFFICIAL:
        return f"no image {min(missing)}; `make images` builds it, IMAGES=official takes the official ones"
    return None


def cannot_compose() -> str | None:
    """Why the whole platform cannot run in containers here; None when it can."""
    if reason := cannot_run("kafka", "store", "proxy"):
        return reason
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0
    return None if plugin or shutil.which("docker-compose") else "Docker Compose is not installed"
