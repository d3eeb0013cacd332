"""What the data folder knows of its first start: whether the demo is to be loaded, and whether it is whole."""

import sys
from dataclasses import dataclass
from enum import StrEnum

from shared.embedded.folder import DataFolder
from shared.embedded.pair import throw_away_store

FILE = "demo"


class State(StrEnum):
    """What the data folder notes about the demo."""

    LOADING = "loading"
    LOADED = "loaded"
    NOT_WANTED = "not wanted"


@dataclass(frozen=True, slots=True)
class FirstStart:
    """The demo of one data folder.

    Attributes:
        loads_demo: whether this start loads it.
    """

    folder: DataFolder
    loads_demo: bool

    @classmethod
    def of(cls, folder: DataFolder, *, wanted: bool) -> "FirstStart":
        """Look at the folder. Run it before the store starts.

        A demo that was not finished cannot be gone on with: who has registered by then lives in the process that
        played them. Until the demo is whole nobody has been told how to sign in, so nothing of value is thrown away.
        """
        state = folder.noted(FILE)
        if state == State.LOADING:
            print("The first start was interrupted: its unfinished platform is made anew.", file=sys.stderr)
            throw_away_store(folder)
            state = None
        return cls(folder, loads_demo=wanted and state is None)

    def begin(self) -> None:
        """Note what this start does. Run it when the store answers, before anything is written to it."""
        if self.loads_demo:
            self.folder.note(FILE, State.LOADING)
        elif self.folder.noted(FILE) != State.LOADED:
            self.folder.note(FILE, State.NOT_WANTED)

    def finish(self) -> None:
        """Note that the demo is whole."""
        self.folder.note(FILE, State.LOADED)
