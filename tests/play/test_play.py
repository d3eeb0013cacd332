"""Stories on a real platform: figures, differences, lost answers, and kill -9 in the middle."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.cli.play import ApiError, Result, parse_story, play
from tests.platforms import Platform, command

DEMO = Path(__file__).parents[2] / "deploy" / "demo" / "motesplats-cancer-2025.yaml"


def silent(_: str) -> None:
    pass


def check(result: Result, sent: dict[str, int]) -> None:
    """The small story came out as it should, and nothing was done twice."""
    assert result.differences == []
    assert result.quotes == ["Kaffet var gott och samtalen bättre."]
    assert result.assignments == {"offered": 2, "accepted": 1, "completed": 1}
    assert {kind: number for kind, number in result.sent.items() if number} == sent


def test_the_demo_prints_the_published_figures_and_its_platform_leaves_nothing_behind(tmp_path: Path) -> None:
    done = command("play", str(DEMO), "--json", timeout=200, environment={"TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["lectures"]["very_valuable"], result["lectures"]["valuable"]) == (0.70, 0.30)
    assert result["course"] == {"mean": 9.6, "n": 20}
    assert result["registrations"] == {"confirmed": 20, "waiting": 1, "cancelled": 1}
    assert len(result["quotes"]) == 2
    assert result["sent"]["reminder"] == 120
    assert result["events"]["session-held"] == 6
    assert list(tmp_path.iterdir()) == []


def test_changed_answers_give_changed_figures_and_fail_on_the_old_expectation(
    house: Platform, small_story: str, tmp_path: Path
) -> None:
    file = tmp_path / "changed.yaml"
    file.write_text(small_story.replace("course: {10: 6, 8: 3, 5: 1}", "course: {10: 2, 8: 3, 5: 5}"))
    done = command("play", str(file), "--json", "--url", house.url, environment={"MOTESPLATS_TOKEN": house.token})
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["course"] == {"mean": 6.9, "n": 10}
    assert result["differences"] == [{"figure": "course.mean", "expected": 8.9, "got": 6.9}]
    assert "course.mean" in done.stderr


async def test_lost_answers_double_nothing(
    house: Platform, small_story: str, what_it_sends: dict[str, int], lossy_road: Callable[[int], Any]
) -> None:
    async with lossy_road(3) as road:
        result = await play(parse_story(small_story), url=road.url, token=house.token, progress=silent)
    assert road.lost > 15
    check(result, what_it_sends)


async def test_a_story_that_has_been_is_refused_in_words(house: Platform, small_story: str) -> None:
    await play_nothing_but_the_clock(house, small_story)
    earlier = parse_story(small_story.replace("20", "19"))
    with pytest.raises(ApiError, match="after the story's first session"):
        await play(earlier, url=house.url, token=house.token, progress=silent)


async def play_nothing_but_the_clock(house: Platform, text: str) -> None:
    from services.cli.play.api import Api
    from services.cli.play.stage import Stage

    story = parse_story(text)
    api = Api(house.url, house.token)
    await Stage(story, api, silent).clock.not_before(story.starts)
    await api.close()


async def test_kill_9_in_the_middle_of_a_story_loses_and_doubles_nothing(
    fragile: Any, small_story: str, what_it_sends: dict[str, int], what_it_publishes: dict[str, int]
) -> None:
    kills = []

    def kill_and_start(moment: str) -> None:
        fragile.kill()
        fragile.start()
        kills.append(moment)

    def progress(sentence: str) -> None:
        moments = {"relative register": 0.1, "Kväll ett": 0.4}
        for moment, seconds in moments.items():
            if moment in sentence:
                asyncio.get_running_loop().call_later(seconds, kill_and_start, moment)

    result = await play(parse_story(small_story), url=fragile.url, token=fragile.token, progress=progress)
    assert kills == ["relative register", "Kväll ett"]
    check(result, what_it_sends)
    assert what_it_publishes.items() <= result.events.items()


@pytest.mark.parametrize("as_json", [True, False])
def test_a_bad_file_ends_with_2_and_says_where(tmp_path: Path, as_json: bool) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("story: x\nstarts: yesterday\n")
    done = command("play", str(file), *(["--json"] if as_json else []))
    assert done.returncode == 2
    assert f"{file}:2: starts:" in done.stderr
    if as_json:
        assert f"{file}:2: starts:" in json.loads(done.stdout)["error"]
    else:
        assert done.stdout == ""


def test_a_platform_that_is_not_there_is_named(tmp_path: Path, small_story: str, monkeypatch: Any) -> None:
    from services.cli.play import api

    monkeypatch.setattr(api, "LONGEST_ABSENCE", 0.5)
    with pytest.raises(ApiError, match=r"127\.0\.0\.1:9 has been away"):
        asyncio.run(play(parse_story(small_story), url="http://127.0.0.1:9", token="t", progress=silent))
