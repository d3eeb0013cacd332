"""What the reports say, held against what a chronicle expects."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.cli.play.api import StillMissing
from services.cli.play.chronicle.shapes import Report
from services.cli.play.chronicle.stage import Stage

# Nothing new has come for so long.
SETTLED_SECONDS = 60.0


async def report(stage: Stage, step: Report) -> None:
    """Read a report until it says what is expected, or nothing new comes any more; then compare."""
    stage.say(f"The report {step.report}, {step.since} to {step.until}")
    expected = {f"{step.report}.{step.until}.{name}": value for name, value in _expected(step).items()}
    got: dict[str, object] = {}

    async def differs() -> Sequence[str]:
        got.clear()
        path = f"/api/evaluation/reports/{step.report}"
        found = await stage.api.get(path, staff=True, **{"from": step.since, "to": step.until})
        got.update({f"{step.report}.{step.until}.{name}": value for name, value in _said(found).items()})
        news = [f"{found['uncounted']} with news"] if found["uncounted"] else []
        return news + [figure for figure, value in expected.items() if got.get(figure) != value]

    await differs()
    before: Mapping[str, object] = {}
    while before != got:
        before = dict(got)
        try:
            await stage.api.until(differs, "Figures", seconds=SETTLED_SECONDS)
            break
        except StillMissing as missing:
            # A wrong figure is shown with the differences.
            stage.say(str(missing))
    for figure, value in expected.items():
        stage.compare(figure, value, got.get(figure))


def _expected(step: Report) -> Mapping[str, object]:
    tables = {f"{table}.{row}": cells for table, rows in step.tables.items() for row, cells in rows.items()}
    return {**step.measures, **tables}


def _said(found: Mapping[str, Any]) -> Mapping[str, object]:
    tables = {f"{t['code']}.{row['label']}": row["cells"] for t in found["tables"] for row in t["rows"]}
    return {**{measure["code"]: measure["value"] for measure in found["measures"]}, **tables}
