"""Plays a story through the HTTP API and the mailed links, as people would.

    result = await play(read_story(path), url="http://127.0.0.1:8080", token=token, progress=print)

The platform may be killed and started again meanwhile: a request whose answer was lost is looked up, and repeated
only if it was not done.
"""

from services.cli.play import after, before, sessions
from services.cli.play.api import Api, ApiError
from services.cli.play.result import Difference, Result
from services.cli.play.stage import Progress, Stage
from services.cli.play.story import Story, StoryError, read_story

__all__ = ["ApiError", "Difference", "Progress", "Result", "Story", "StoryError", "play", "read_story"]


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
