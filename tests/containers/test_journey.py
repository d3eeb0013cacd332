"""The whole platform in containers, as on an operator's machine, seen from outside."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from shared.embedded.children import LOOPBACK, free_port
from tests.containers import images
from tests.platforms import command

DEMO = images.DEPLOY / "demo" / "motesplats-cancer-2025.yaml"

Compose = Callable[..., str]


@pytest.fixture(scope="module")
def url() -> str:
    return f"http://{LOOPBACK}:{free_port()}"


@pytest.fixture(scope="module")
def compose(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """`deploy/compose` on a platform in trial mode that is up; everything of it is gone afterwards."""
    if reason := images.cannot_compose():
        pytest.skip(reason)
    environment = {
        **os.environ,
        "IMAGES": "official" if images.OFFICIAL else "local",
        "MOTESPLATS_TRIAL": "1",
        "PORT": url.rpartition(":")[2],
        "PROJECT": f"test-{uuid4().hex[:8]}",
        "SECRETS": str(tmp_path_factory.mktemp("secrets")),
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [images.DEPLOY / "compose", *arguments], env=environment, capture_output=True, text=True, timeout=900
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    try:
        run("up", "--detach", "--build")
        yield run
    finally:
        run("down", "--volumes", "--timeout", "3")


def test_the_story_comes_out_as_expected_on_real_kafka(compose: Compose, url: str) -> None:
    token = compose("exec", "-T", "registration", "motesplats", "sign-in", "--token").strip()
    played = command("play", str(DEMO), "--url", url, "--token", token, "--json", timeout=300)
    assert played.returncode == 0, played.stdout + played.stderr
    told = json.loads(played.stdout)
    assert told["registrations"] == {"confirmed": 20, "waiting": 1, "cancelled": 1}
    assert told["lectures"]["very_valuable"] == 0.7
    assert told["course"] == {"mean": 9.6, "n": 20}
    assert told["sent"]["session_survey"] == 117
    assert "event_parked" not in compose("logs", "--no-color")


def test_no_service_is_reached_but_through_the_proxy(compose: Compose) -> None:
    published = {}
    for name in compose("ps", "--services").split():
        (container,) = compose("ps", "--quiet", name).split()
        ports = subprocess.run(["docker", "port", container], capture_output=True, text=True, check=True).stdout
        published[name] = ports.strip()
    assert {name for name, ports in published.items() if ports} == {"proxy"}
    assert published["proxy"].partition(" -> ")[2].startswith(LOOPBACK)
