"""The command `motesplats play`."""

import asyncio
import json
import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.cli.play import (
    ApiError,
    Chronicle,
    Outcome,
    Progress,
    Result,
    Story,
    StoryError,
    play,
    play_chronicle,
    read_story,
)
from services.cli.play.own_platform import own_platform
from shared.embedded.children import EmbeddedError

FAILED, BAD_FILE = 1, 2


def play_command(
    file: Annotated[Path, typer.Argument(help="The story, a YAML file.", show_default=False)],
    url: Annotated[
        str | None,
        typer.Option(help="Play on this platform, which must be in trial mode. Default: one of its own."),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(help="A staff token of that platform.", envvar="MOTESPLATS_TOKEN", show_envvar=True),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, also on failure.")] = False,
) -> None:
    """Play a course or a story of years as people would, and compare what comes of it with what is expected.

    Exit code 1: a figure is not as expected, or a step failed. Exit code 2: the file or an option is wrong.
    """
    try:
        if url is not None and token is None:
            raise StoryError(["--url needs --token; that platform prints one with: motesplats sign-in --token"])
        story = read_story(file)
    except StoryError as error:
        _fail(str(file), str(error), as_json, BAD_FILE)
    with ExitStack() as stack:
        say = _progress(stack)
        try:
            if url is None or token is None:
                url, token = stack.enter_context(own_platform(say))
            result = asyncio.run(_play(story, url, token, say))
        except (ApiError, EmbeddedError) as error:
            stack.close()
            _fail(story.story, str(error), as_json, FAILED)
    if as_json:
        content = {name: value for name, value in asdict(result).items() if name != "differences"}
        differences = [asdict(difference) for difference in result.differences]
        _print_json({**content, "ok": not differences, "differences": differences})
    else:
        _print_tables(result)
    if result.differences:
        _print_differences(result)
        raise typer.Exit(FAILED)


async def _play(story: Story | Chronicle, url: str, token: str, say: Progress) -> Result | Outcome:
    if isinstance(story, Chronicle):
        return await play_chronicle(story, url=url, token=token, progress=say)
    return await play(story, url=url, token=token, progress=say)


def _progress(stack: ExitStack) -> Progress:
    """One sentence a step on stderr: under a spinner at a terminal, plain lines otherwise."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        return lambda sentence: print(sentence, file=sys.stderr, flush=True)
    status = stack.enter_context(console.status("Beginning"))

    def say(sentence: str) -> None:
        console.print(sentence, markup=False)
        status.update(sentence)

    return say


def _fail(story: str, error: str, as_json: bool, code: int) -> None:
    print(error, file=sys.stderr)
    if as_json:
        _print_json({"story": story, "ok": False, "error": error, "differences": []})
    raise typer.Exit(code)


def _print_json(content: dict[str, object]) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=2))


def _print_tables(result: Result | Outcome) -> None:
    console = Console(highlight=False)
    table = Table(title=result.story, title_justify="left", show_header=False)
    if isinstance(result, Outcome):
        for figure, value in result.figures.items():
            table.add_row(figure, "too few" if value is None else str(value))
        console.print(table, markup=False)
        return
    for name in ("registrations", "lectures", "course", "assignments", "sent", "events"):
        figures: dict[str, object] = getattr(result, name)
        rows = [f"{key}: {'too few' if value is None else value}" for key, value in figures.items()]
        table.add_row(name, "\n".join(rows) or "none", end_section=True)
    table.add_row("quotes", "\n".join(result.quotes) or "none")
    console.print(table, markup=False)


def _print_differences(result: Result | Outcome) -> None:
    table = Table(title="Not as expected", title_justify="left")
    for heading in ("figure", "expected", "got"):
        table.add_column(heading)
    for difference in result.differences:
        got = "too few" if difference.got is None else str(difference.got)
        table.add_row(difference.figure, str(difference.expected), got)
    Console(stderr=True, highlight=False).print(table)
