"""The table that a start ends with: what is where, and how to sign in."""

import shlex
import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.segment import Segment, Segments
from rich.table import Table

from services.cli.where import DATA
from shared.embedded import DataFolder, EmbeddedPair
from shared.settings import Settings

PAGES = (
    ("Calendar", "/"),
    ("Become a volunteer", "/volunteer"),
    ("Ask for a volunteer", "/ask"),
    ("Published results", "/results"),
    ("Staff: today", "/staff"),
    ("Staff: programmes", "/staff/programmes"),
    ("Staff: volunteers", "/staff/volunteers"),
    ("Staff: results", "/staff/results"),
    ("Staff: messages", "/staff/messages"),
)
TRIAL_PAGES = (("Mail that was caught", "/trial/mail"),)
WIDEST = 2000


def print_summary(
    settings: Settings, url: str, sign_in_link: str, folder: DataFolder, pair: EmbeddedPair | None
) -> None:
    """Print it on standard output."""
    table = Table(show_header=False, box=None, pad_edge=False, title="Mötesplats is running", title_justify="left")
    table.add_column(style="bold", no_wrap=True)
    table.add_column(no_wrap=True)
    for name, path in PAGES + (TRIAL_PAGES if settings.trial else ()):
        table.add_row(name, url + path)
    table.add_row("Sign in as staff, once", sign_in_link)
    table.add_row("Broker", _with_kind(settings.kafka_bootstrap_servers, "Tansu" if pair else ""))
    store = pair.children["store"].address if pair else _without_password(settings.mongodb_uri.get_secret_value())
    table.add_row("Store", _with_kind(store, "SecantusDB" if pair else ""))
    table.add_row("Data folder", str(folder.path))
    table.add_row("", f"Ctrl-C stops it. Another sign-in link: {_command('sign-in', folder)}")
    _print_unpadded(table)


def _command(name: str, folder: DataFolder) -> str:
    """A command about this platform, as it can be typed here."""
    typed = sys.argv[0]
    program = typed if Path(typed).name == "motesplats" and shutil.which("motesplats") != typed else "motesplats"
    data = "" if folder.path == DATA.absolute() else f" --data {shlex.quote(str(folder.path))}"
    return f"{program} {name}{data}"


def _with_kind(address: str, kind: str) -> str:
    return f"{address} (embedded {kind})" if kind else address


def _without_password(uri: str) -> str:
    return uri.rpartition("@")[2].partition("/")[0].removeprefix("mongodb://")


def _print_unpadded(table: Table) -> None:
    """Print without the blanks at the ends of lines: a link longer than the terminal is wide must stay in one piece."""
    console = Console(highlight=False)
    wide = console.options.update(width=WIDEST, max_width=WIDEST)
    console.print()
    for line in console.render_lines(table, wide, pad=False):
        while line and not line[-1].text.strip():
            line.pop()
        if line:
            line[-1] = Segment(line[-1].text.rstrip(), line[-1].style)
        console.print(Segments([*line, Segment.line()]), end="", soft_wrap=True)
