"""Apache Kafka and the store in containers, each alone and set as in deploy/compose.yaml."""

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

from docker.models.containers import Container
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from shared.embedded import Addresses
from shared.embedded.children import LOOPBACK, free_port
from tests.containers.images import DEPLOY, composed

# The helper that clears up after a crash comes from a registry; we clear up ourselves.
testcontainers_config.ryuk_disabled = True

USER = "motesplats"
READY_SECONDS = 120.0
INSIDE = {"kafka": 9092, "store": 27017}


@dataclass
class ContainerPair:
    """The running pair. What it keeps on disk goes when it stops.

    A container that is killed and started again keeps its disk and its address.
    """

    password: str = field(default_factory=lambda: secrets.token_hex(16))
    ports: dict[str, int] = field(default_factory=lambda: {name: free_port() for name in INSIDE})
    store_on: Path | None = None
    _containers: dict[str, DockerContainer] = field(default_factory=dict)

    @classmethod
    def start(cls, ports: dict[str, int] | None = None, store_on: Path | None = None, **kafka: str) -> "ContainerPair":
        """Start both and return when both answer.

        Args:
            ports: on the loopback address, for both; otherwise free ones.
            store_on: a folder of this machine for what the store keeps; otherwise a volume.
            kafka: environment variables of the broker, beside those of the compose file.
        """
        pair = cls(store_on=store_on)
        pair.ports.update(ports or {})
        advertised = f"PLAINTEXT://{LOOPBACK}:{pair.ports['kafka']}"
        try:
            pair._run("kafka", **{"KAFKA_ADVERTISED_LISTENERS": advertised, **kafka})
            pair._run(
                "store",
                MONGO_INITDB_ROOT_USERNAME=USER,
                MONGO_INITDB_ROOT_PASSWORD=pair.password,
                STORE_SET_KEY=secrets.token_hex(16),
            )
            for name in INSIDE:
                pair.wait_for(name)
        except BaseException:
            pair.stop()
            raise
        return pair

    @property
    def addresses(self) -> Addresses:
        """Where clients on this machine reach the pair."""
        store = f"{USER}:{self.password}@{LOOPBACK}:{self.ports['store']}"
        return Addresses(
            kafka_bootstrap_servers=f"{LOOPBACK}:{self.ports['kafka']}",
            mongodb_uri=f"mongodb://{store}/?directConnection=true&authSource=admin",
        )

    def container(self, name: str) -> Container:
        """`kafka` or `store`, for Docker's own commands."""
        return self._containers[name].get_wrapped_container()

    def kill(self, name: str) -> None:
        """End it as a power cut would."""
        self.container(name).kill()

    def start_again(self, name: str) -> None:
        """Start what was killed, and return when it answers."""
        self.container(name).start()
        self.wait_for(name)

    def wait_for(self, name: str) -> None:
        """Return when the health check of the compose file passes.

        Raises:
            AssertionError: it does not within two minutes, or the container has ended.
        """
        check = composed(name)["healthcheck"]["test"][1:]
        container, end = self.container(name), time.monotonic() + READY_SECONDS
        while container.status != "running" or container.exec_run(check).exit_code != 0:
            assert time.monotonic() < end, f"{name} does not answer: {container.logs(tail=20).decode()}"
            time.sleep(0.3)
            container.reload()
            assert container.status != "exited", f"{name} has ended: {container.logs(tail=20).decode()}"

    def stop(self) -> None:
        """End both and throw away what they kept."""
        for container in self._containers.values():
            container.stop()

    def _run(self, name: str, **environment: str) -> None:
        said = composed(name)
        given = {key: str(value) for key, value in said.get("environment", {}).items()}
        container = DockerContainer(said["image"], env={**given, **environment}, hostname=name)
        if "entrypoint" in said:
            container.with_kwargs(hostname=name, entrypoint=said["entrypoint"])
            container.with_volume_mapping(str(DEPLOY / "store"), "/deploy", "ro")
        if name == "store" and self.store_on:
            container.with_volume_mapping(str(self.store_on), "/data/db", "rw")
        # Loopback only, and chosen before the start: a broker tells its clients where it is.
        container.ports = {f"{INSIDE[name]}/tcp": (LOOPBACK, self.ports[name])}
        self._containers[name] = container.start()
