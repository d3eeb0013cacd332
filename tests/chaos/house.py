"""The platform under attack: four services, two replicas each, on real Kafka and the store, each by its own road."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from services.cli.sign_in import api_token
from shared.delivery import Delivery
from shared.embedded.children import LOOPBACK, free_port
from shared.settings import Settings
from tests.chaos.road import Road
from tests.containers.pair import INSIDE, ContainerPair
from tests.platforms import ROOT

SERVICES = ("registration", "notification", "evaluation", "volunteers")
REPLICAS = 2
READY_SECONDS = 90.0


@dataclass
class Replica:
    """One process of one service.

    Attributes:
        stopped: by SIGSTOP.
    """

    service: str
    port: int
    process: subprocess.Popen[bytes]
    stopped: bool = False

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send it a signal."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        self.stopped = number == signal.SIGSTOP


@dataclass
class House:
    """All replicas, and the roads to their broker and store.

    Attributes:
        folder: for the control files and logs.
        control: a guarantee that is taken away, for the negative controls; empty: none.
        poison: how many records that nobody can read have reached the broker, by topic.
    """

    pair: ContainerPair
    folder: Path
    control: str = ""
    prefix: str = field(default_factory=lambda: f"chaos_{secrets.token_hex(4)}")
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    replicas: list[Replica] = field(default_factory=list)
    roads: dict[tuple[str, str], Road] = field(default_factory=dict)
    poison: Counter[str] = field(default_factory=Counter)

    @staticmethod
    def pair_with_roads() -> tuple[ContainerPair, dict[str, int]]:
        """A pair whose broker tells each service an address of its own, where its road begins."""
        ports = {service: free_port() for service in SERVICES}
        inside = {service: 9192 + number for number, service in enumerate(SERVICES)}
        names = {service: service.upper() for service in SERVICES}
        direct = free_port()
        pair = ContainerPair.start(
            {"kafka": direct, "store": free_port()},
            KAFKA_LISTENERS=",".join(
                ["PLAINTEXT://:9092", "CONTROLLER://:9093", *(f"{names[s]}://:{inside[s]}" for s in SERVICES)]
            ),
            KAFKA_ADVERTISED_LISTENERS=",".join(
                [f"PLAINTEXT://{LOOPBACK}:{direct}", *(f"{names[s]}://{LOOPBACK}:{ports[s]}" for s in SERVICES)]
            ),
            KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=",".join(
                ["PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT", *(f"{names[s]}:PLAINTEXT" for s in SERVICES)]
            ),
            KAFKA_JVM_PERFORMANCE_OPTS="-XX:TieredStopAtLevel=1",
        )
        return pair, ports

    async def start(self, broker_ports: dict[str, int]) -> None:
        """Lay the roads and start every replica."""
        self.points.mkdir(parents=True, exist_ok=True)
        inside = {service: 9192 + number for number, service in enumerate(SERVICES)}
        for service in SERVICES:
            where = {"broker": self._inside("kafka", inside[service]), "store": self._inside("store", INSIDE["store"])}
            for end, address in where.items():
                port = broker_ports[service] if end == "broker" else free_port()
                self.roads[service, end] = await Road.open(port, address)
        for service in SERVICES:
            (self.points / service).mkdir(exist_ok=True)
            for _ in range(REPLICAS):
                self.join(service)
        await self.until_ready()

    def _inside(self, name: str, port: int) -> Any:
        def address() -> tuple[str, int]:
            container = self.pair.container(name)
            container.reload()
            return container.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"], port

        return address

    @property
    def points(self) -> Path:
        """Where the orders for the named points lie, a folder per service."""
        return self.folder / "points"

    def environment(self, service: str) -> dict[str, str]:
        """The settings of a service, as environment variables."""
        store = f"motesplats:{self.pair.password}@{LOOPBACK}:{self.roads[service, 'store'].port}"
        return {
            "KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:{self.roads[service, 'broker'].port}",
            "KAFKA_PARTITIONS": "3",
            "KAFKA_REPLICATION": "1",
            "MONGODB_URI": f"mongodb://{store}/?directConnection=true&authSource=admin",
            "MONGODB_PREFIX": self.prefix,
            "MOTESPLATS_SECRET_KEY": self.key,
            "MOTESPLATS_TRIAL": "1",
            "PUBLIC_URL": "http://127.0.0.1:8080",
        }

    def join(self, service: str) -> Replica:
        """One more replica."""
        port = free_port()
        environment = {
            **os.environ,
            **self.environment(service),
            "PORT": str(port),
            "CHAOS_POINTS": str(self.points / service),
            "CHAOS_CONTROL": self.control,
        }
        log = (self.folder / f"{service}.log").open("ab")
        command = [sys.executable, "-m", "tests.chaos.serve", service]
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        log.close()
        replica = Replica(service, port, process)
        self.replicas.append(replica)
        return replica

    def of(self, service: str) -> Iterator[Replica]:
        """The living replicas of a service."""
        return (replica for replica in self.replicas if replica.service == service and replica.alive)

    async def leave(self, replica: Replica, number: int = signal.SIGTERM) -> None:
        """End a replica and wait for its end."""
        replica.signal(number)
        await asyncio.to_thread(replica.process.wait)

    async def heal(self) -> None:
        """Everything is as it should be again: roads open, nothing stopped, two replicas of each service."""
        for road in self.roads.values():
            road.cut = False
            road.flowing.set()
        for order in self.points.glob("*/*"):
            order.unlink()
        for replica in self.replicas:
            if replica.alive:
                replica.signal(signal.SIGCONT)
        # A signal that a process sends itself is seen a moment later.
        await asyncio.sleep(0.1)
        self.replicas = [replica for replica in self.replicas if replica.alive]
        for service in SERVICES:
            for _ in range(REPLICAS - len(list(self.of(service)))):
                self.join(service)
        await self.until_ready()

    async def until_ready(self) -> None:
        """Return when every replica says that it is ready.

        Raises:
            AssertionError: one does not within 90 s; with the end of its log.
        """
        end = asyncio.get_running_loop().time() + READY_SECONDS
        async with httpx.AsyncClient(timeout=5) as client:
            for replica in self.replicas:
                while not await _ready(client, replica):
                    log = (self.folder / f"{replica.service}.log").read_text(errors="replace")[-3000:]
                    assert replica.alive, f"{replica.service} has ended: {log}"
                    assert asyncio.get_running_loop().time() < end, f"{replica.service} is not ready: {log}"
                    await asyncio.sleep(0.1)

    @property
    def staff(self) -> dict[str, str]:
        """Request headers of a coordinator."""
        return {"Authorization": f"Bearer {api_token(self.key)}"}

    def delivery(self, service: str) -> Delivery:
        """To look at a service's store from outside, by the direct roads."""
        return Delivery(service, self.settings)

    @property
    def settings(self) -> Settings:
        """Of all services, by the direct roads."""
        addresses = self.pair.addresses
        given: dict[str, Any] = {
            "kafka_bootstrap_servers": addresses.kafka_bootstrap_servers,
            "mongodb_uri": addresses.mongodb_uri,
        }
        return Settings(**given, mongodb_prefix=self.prefix, secret_key=self.key, trial=True)

    async def stop(self) -> None:
        """End every process and close the roads."""
        for replica in self.replicas:
            if replica.alive:
                replica.signal(signal.SIGCONT)
                replica.signal(signal.SIGKILL)
                await asyncio.to_thread(replica.process.wait)
        for road in self.roads.values():
            await road.close()


async def _ready(client: httpx.AsyncClient, replica: Replica) -> bool:
    try:
        return (await client.get(f"{replica.url}/health/ready")).status_code == 200
    except httpx.HTTPError:
        return False
