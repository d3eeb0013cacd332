"""Plays a story through the HTTP API and the mailed links, as people would.

    result = await play(read_story(path), url="http://127.0.0.1:8080", token=token, progress=print)

The platform may be killed and started again meanwhile: a request whose answer was lost is looked up, and repeated
only if it was not done.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from services.cli.play import after, before, sessions
from services.cli.play.api import Api, ApiError
from services.cli.play.chronicle import Chronicle, Outcome, play_chronicle
from services.cli.play.chronicle.shapes import contradictions as contradictions_of_years
from services.cli.play.clock import Progress
from services.cli.play.reading import FieldPath, StoryError, parse, read_file
from services.cli.play.result import Difference, Result
from services.cli.play.stage import Stage
from services.cli.play.story import Story, contradictions

__all__ = [
    "ApiError",
    "Chronicle",
    "Difference",
    "Outcome",
    "Progress",
    "Result",
    "Story",
    "StoryError",
    "parse_story",
    "play",
    "play_chronicle",
    "read_story",
]


def read_story(path: Path) -> Story | Chronicle:
    """Read a story from a file: of one course, or with `happens`, of years.

    Raises:
        StoryError: it cannot be read, is not YAML, or cannot be played as it stands.
    """
    return parse_story(read_file(path), str(path))


def parse_story(text: str, name: str = "story") -> Story | Chronicle:
    """Read a story from YAML text; `name` begins each message.

    Raises:
        StoryError: the text is not YAML, or cannot be played as it stands.
    """
    return parse(text, name, _shape, _contradictions)


def _shape(data: Mapping[str, object]) -> type[Story | Chronicle]:
    return Chronicle if "happens" in data else Story


def _contradictions(story: Story | Chronicle) -> Iterator[tuple[FieldPath, str]]:
    return contradictions_of_years(story) if isinstance(story, Chronicle) else contradictions(story)


async def play(story: Story, *, url: str, token: str, progress: Progress) -> Result:
    """Play `story` on a platform in trial mode.

    Args:
        token: of a member of staff who sees all organisers.
        progress: is told one sentence a step.

    Raises:
        ApiError: the platform refused a step, was away for too long, or something did not come.
    """
    api = Api(url, token)
    stage = Stage(story, api, progress)
    try:
        await before.set_the_clock(stage)
        await before.plan(stage)
        await before.register(stage)
        await before.ask_peers(stage)
        await before.cancel(stage)
        for number in range(len(stage.sessions)):
            await sessions.meet(stage, number)
        await sessions.answer_course(stage)
        await after.complete_assignments(stage)
        await after.close_surveys(stage)
        await after.publish(stage)
        await after.read_result(stage)
    finally:
        await api.close()
    stage.result.compare(story)
    return stage.result
