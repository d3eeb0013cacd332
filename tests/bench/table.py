"""The figures as a table."""

from collections.abc import Callable, Mapping
from typing import Any

TARGETS: dict[str, tuple[str, Callable[[Any, str], bool] | None]] = {
    "pipeline_vs_event_outbox": ("≥ 20", lambda v, _: v["ratio"] >= 20),
    "consumer_vs_floor": ("≥ 0.8", lambda v, _: v["ratio"] >= 0.8),
    "relay_vs_floor": ("≥ 0.7", lambda v, _: v["ratio"] >= 0.7),
    "write_overhead": ("≤ 1.5", lambda v, _: v["ratio"] <= 1.5),
    "idle_latency_ms": (
        "Kafka p50 ≤ 20, p99 ≤ 100; embedded p50 ≤ 40",
        lambda v, pair: v["p50"] <= 40 if pair == "embedded" else v["p50"] <= 20 and v["p99"] <= 100,
    ),
    "poison_1pct": ("≥ 0.9", lambda v, _: v["ratio"] >= 0.9),
    "duplicates": ("≥ 2", lambda v, _: v["ratio"] >= 2),
    "growth": ("≥ 0.9", lambda v, _: v["ratio"] >= 0.9),
    "two_replicas": ("reported, 0 inversions", lambda v, _: v["inversions"] == 0),
    "observed_cost": ("≥ 0.9", lambda v, _: v["ratio"] >= 0.9),
    "calendar_scale": ("≤ 1.5", lambda v, _: v["ratio"] <= 1.5),
    "day_scale": ("≤ 1.5", lambda v, _: v["ratio"] <= 1.5),
    "hot_session_per_s": (
        "reported, 0 overbooked, 0 out of turn",
        lambda v, _: v["overbooked"] == 0 and v["out_of_turn"] == 0,
    ),
    "hot_session_vs_bare": ("≥ 0.5", lambda v, _: v["ratio"] >= 0.5),
    "matching_200_by_500_s": ("< 1", lambda v, _: v["seconds"] < 1),
    "rss_mb": (
        "platform ≤ 500, service ≤ 120",
        lambda v, _: v.get("platform", 0) <= 500 and v["service"] <= 120,
    ),
    "start_s": ("≤ 6", lambda v, _: v <= 6),
}


def number(value: Any) -> Any:
    """The one number that a measure comes to; a measure of several stays as it is."""
    if not isinstance(value, dict):
        return value
    return next((value[name] for name in ("ratio", "per_s", "seconds") if name in value), value)


def markdown(values: Mapping[str, Mapping[str, Any]], runs: Mapping[str, Mapping[str, Any]]) -> str:
    """A row per measure and pair: figure, target, whether it was reached, and when and how often it was measured.

    Args:
        values: by pair and key.
        runs: the same, see `Record`.
    """
    lines = ["| measure | pair | measured | target | reached | runs | on |", "|---|---|---|---|---|---|---|"]
    for key, (target, reached) in TARGETS.items():
        for pair in values:
            value = values[pair].get(key)
            if value is not None:
                failed = isinstance(value, dict) and "error" in value
                said = not failed and reached is not None and reached(value, pair)
                run = runs[pair][key]
                when = f"{run['on']}{', quick' if run['quick'] else ''}"
                cells = (f"`{key}`", pair, _told(value), target, "yes" if said else "no", run["rounds"], when)
                lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _told(value: Any) -> str:
    if not isinstance(value, dict):
        return f"{value}"
    if "error" in value:
        # A bar would begin another cell.
        return f"failed: {value['error']}".replace("|", "/").replace("\n", " ")
    return ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in value.items())
