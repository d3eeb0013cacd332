"""The command `motesplats`: start the platform, play a story on it, look at it from outside.

Each command's module is imported when the command is used, so that none waits for what only another needs.
"""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from services.cli.errors import CommandError

COMMANDS = {
    "up": "services.cli.up:up",
    "play": "services.cli.play.command:play_command",
    "sign-in": "services.cli.sign_in:sign_in",
    "clock": "services.cli.clock:clock",
    "tail": "services.cli.tail:tail",
    "parked": "services.cli.parked:parked",
    "republish": "services.cli.republish:republish",
    "serve": "services.cli.serve:serve",
}


class Commands(TyperGroup):
    """The commands, each imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        one = typer.Typer(add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False)
        one.command(cmd_name)(getattr(import_module(module), function))
        return typer.main.get_command(one)


app = typer.Typer(
    cls=Commands,
    name="motesplats",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


@app.callback()
def motesplats() -> None:
    """Mötesplats: meeting places for patients and relatives.

    `motesplats up` starts everything on this machine. `motesplats COMMAND --help` says more about each.
    """


def main() -> None:
    """Run the command line; an error is one line on standard error."""
    try:
        app()
    except CommandError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        # Whoever read our output has gone, such as `head`.
        sys.stderr.close()
        raise SystemExit(0) from None
