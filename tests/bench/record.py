"""What was measured, in build/bench.json: a run of some keys leaves the others of the same machine and versions."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import table

PAIRS = ("embedded", "containers")


@dataclass
class Record:
    """The figures of one machine.

    Attributes:
        values: what each measure gave, by pair and key; of one that failed, its `error`.
        runs: when, how many runs of each side, and whether with smaller numbers; by pair and key.
    """

    path: Path
    machine: dict[str, str]
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, machine: dict[str, str]) -> "Record":
        """With what is there already of the same machine and versions."""
        try:
            there = json.loads(path.read_text())
        except (OSError, ValueError):
            there = {}
        if there.get("machine") != machine:
            there = {}
        known = {pair: there[pair] for pair in PAIRS if pair in there}
        values = {pair: one["details"] for pair, one in known.items()}
        return cls(path, machine, values, {pair: one["runs"] for pair, one in known.items()})

    def note(self, pair: str, key: str, value: Any, *, rounds: int, quick: bool) -> None:
        """Keep what a measure gave now, and write the file."""
        self.values.setdefault(pair, {})[key] = value
        on = datetime.now(UTC).date().isoformat()
        self.runs.setdefault(pair, {})[key] = {"on": on, "rounds": rounds, "quick": quick}
        pairs = {
            pair: {
                **{key: table.number(value) for key, value in values.items()},
                "details": values,
                "runs": self.runs[pair],
            }
            for pair, values in self.values.items()
        }
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(json.dumps({"machine": self.machine, **pairs}, indent=2, ensure_ascii=False) + "\n")

    def markdown(self) -> str:
        """The table."""
        return table.markdown(self.values, self.runs)
