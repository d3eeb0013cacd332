"""Stories of years, played as people would, and the figures that the reports make of them."""

import json
from pathlib import Path

import pytest

from services.cli.play import StoryError, parse_story
from tests.platforms import ROOT, command

DEMO = ROOT / "deploy" / "demo"


@pytest.mark.parametrize("name", ["hjartats-hus", "mens-groups-randers"])
def test_a_story_of_years_ends_with_its_figures(name: str) -> None:
    played = command("play", str(DEMO / f"{name}.yaml"), "--json", timeout=600)
    told = json.loads(played.stdout)
    assert told["ok"], played.stdout + played.stderr
    assert told["figures"]
    assert played.returncode == 0


def test_a_figure_that_is_not_as_expected_is_named(tmp_path: Path) -> None:
    story = tmp_path / "wrong.yaml"
    story.write_text(
        "story: One host\nstarts: 2024-01-29T09:00:00+01:00\norganiser: House\nhappens:\n"
        "  - {enrol: host, count: 6, municipality: Eksjö}\n"
        "  - {time: 2024-02-01T09:00:00+01:00}\n"
        "  - {report: volunteers, from: 2024-01-01, to: 2024-01-31, measures: {volunteers: 7}}\n"
    )
    played = command("play", str(story), "--json", timeout=300)
    (difference,) = json.loads(played.stdout)["differences"]
    assert difference == {"figure": "volunteers.2024-01-31.volunteers", "expected": 7.0, "got": 6.0}
    assert played.returncode == 1


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("{plant: 3}", "story:5: happens[0]: a step has one of plan, register"),
        ("{enrol: peer, municipality: Eksjö}", "story:5: happens[0].enrol.count: is missing"),
        ("{hold: house, attended: 3}", "story:5: happens[0].hold: house is not planned before"),
        ("{time: 2023-01-01T09:00:00+01:00}", "story:5: happens[0].time: must be later"),
    ],
)
def test_a_step_that_cannot_be_played_is_named_by_line_and_field(step: str, message: str) -> None:
    text = f"story: A\nstarts: 2024-01-08T09:00:00+01:00\norganiser: House\nhappens:\n  - {step}\n"
    with pytest.raises(StoryError, match=message.replace("[", r"\[").replace("]", r"\]")):
        parse_story(text)
