"""Runs a command and ends it when standard input closes, which it does when the parent dies.

For systems without `PR_SET_PDEATHSIG`. Started by file name under `python -I -S`, so it imports nothing of ours.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from types import FrameType


def main(command: list[str]) -> int:
    """Run `command` until it ends or standard input closes; returns its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False)

    def pass_on(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)

    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end_with_parent() -> None:
        while os.read(0, 4096):
            pass
        child.kill()

    threading.Thread(target=end_with_parent, daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
