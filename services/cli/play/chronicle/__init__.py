"""Plays a story of years: many programmes and volunteers, and what the reports say of them."""

from services.cli.play.api import Api
from services.cli.play.chronicle import programmes, reports, volunteers
from services.cli.play.chronicle.shapes import (
    Ask,
    Chronicle,
    Enough,
    Enrol,
    Hold,
    Lead,
    NewGroup,
    Plan,
    Register,
    Report,
    Share,
    Step,
    Time,
    Visits,
)
from services.cli.play.chronicle.stage import Outcome, Stage
from services.cli.play.clock import Progress

__all__ = ["Chronicle", "Outcome", "play_chronicle"]


async def play_chronicle(story: Chronicle, *, url: str, token: str, progress: Progress) -> Outcome:
    """Play `story` on an empty platform in trial mode.

    Args:
        token: of a member of staff who sees all organisers.
        progress: is told one sentence a step.

    Raises:
        ApiError: the platform refused a step, was away for too long, or something did not come.
    """
    api = Api(url, token)
    stage = Stage(story.story, story.organiser, api, progress)
    try:
        progress(f"The clock is set to {story.starts:%Y-%m-%d %H:%M}")
        await stage.clock.move(story.starts)
        for step in story.happens:
            await _do(stage, step)
    finally:
        await api.close()
    return stage.outcome


async def _do(stage: Stage, step: Step) -> None:
    match step:
        case Time():
            stage.say(f"It is {step.time:%Y-%m-%d}")
            await stage.clock.not_before(step.time)
        case Plan():
            await programmes.plan(stage, step)
        case Register():
            await programmes.register(stage, step)
        case Lead():
            await programmes.lead(stage, step)
        case Share():
            await volunteers.share(stage, step)
        case Hold():
            await programmes.hold(stage, step)
        case Visits():
            await programmes.visits(stage, step)
        case NewGroup():
            await programmes.new_group(stage, step)
        case Enrol():
            await volunteers.enrol(stage, step)
        case Ask():
            await volunteers.ask(stage, step)
        case Enough():
            await volunteers.enough(stage, step)
        case Report():
            await reports.report(stage, step)
