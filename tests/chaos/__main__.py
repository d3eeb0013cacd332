"""`make chaos`: attack the platform on purpose, and audit what it promised.

Examples:
    python -m tests.chaos --trials 200
    python -m tests.chaos --trials 20 --seed 7 --only "stop at publish_mark"
    python -m tests.chaos --trials 0            only the negative controls
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from tests.chaos.faults import FAULTS
from tests.chaos.findings import Findings
from tests.chaos.load import Ledger
from tests.chaos.trials import CONTROLS, control, run
from tests.containers import images

# So many trials come to everything that people do.
MANY = 10


def main() -> int:
    """The command; 1 when a promise was broken, or a negative control found nothing."""
    parser = argparse.ArgumentParser(
        prog="make chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=20, help="how many faults (default: 20)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000), help="repeat a run")
    parser.add_argument("--only", choices=sorted(FAULTS), help="one kind of fault")
    parser.add_argument("--no-controls", action="store_true", help="leave out the negative controls")
    asked = parser.parse_args()
    if reason := images.cannot_run("kafka", "store"):
        sys.stderr.write(f"chaos needs real Kafka in a container: {reason}\n")
        return 2
    return asyncio.run(chaos(asked.trials, asked.seed, asked.only, not asked.no_controls))


async def chaos(trials: int, seed: int, only: str | None, controls: bool) -> int:
    """Run and write build/chaos.json."""
    say(f"seed {seed}")
    started = monotonic()
    chance = random.Random(seed)
    # Each kind once, then by chance.
    kinds = [only] * trials if only else (list(FAULTS) + chance.choices(list(FAULTS), k=trials))[:trials]
    if not only:
        chance.shuffle(kinds)
    report: dict[str, object] = {"trials": 0, "faults": {}, "acknowledged": 0}
    broken = False
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        if kinds:

            def note(ledger: Ledger, findings: Findings, done: Sequence[str]) -> None:
                report.update(
                    trials=len(done),
                    faults=dict(sorted(Counter(done).items())),
                    acknowledged=ledger.acknowledged,
                    operations=ledger.by_kind,
                    unanswered=ledger.unanswered,
                    **findings.counts(),
                )
                _write(Path("build"), {**report, "seed": seed, "seconds": round(monotonic() - started)})

            try:
                ledger, findings, _ = await run(kinds, chance, Path(folder) / "trials", say, note)
                idle = [kind for kind, number in ledger.by_kind.items() if not number]
                if idle and trials >= MANY:
                    say(f"nothing was acknowledged of: {', '.join(idle)}; the run has not attacked it")
                broken = not findings.clean or bool(idle and trials >= MANY)
            except Exception as error:
                report["ended_by"] = _told(error)
                say(str(report["ended_by"]))
                broken = True
        if controls:
            report["controls"] = noted = {}
            for name, what in CONTROLS.items():
                try:
                    found = await control(name, random.Random(seed), Path(folder) / name, say)
                except Exception as error:
                    noted[name] = {"ended_by": _told(error)}
                    say(f"control {name}: {_told(error)}")
                    broken = True
                    continue
                noted[name] = found.counts()
                if not getattr(found, what):
                    say(f"control {name}: nothing {what} was found, so the audit cannot be trusted")
                    broken = True
    report |= {"seed": seed, "seconds": round(monotonic() - started)}
    _write(Path("build"), report)
    say(json.dumps(report, ensure_ascii=False))
    return int(broken)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def _write(build: Path, report: dict[str, object]) -> None:
    build.mkdir(exist_ok=True)
    (build / "chaos.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def say(line: str) -> None:
    """Progress."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
