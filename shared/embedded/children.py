"""Child processes that never outlive this one."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.embedded import supervise

LOOPBACK = "127.0.0.1"
READY_SECONDS = 60.0
STOP_SECONDS = 10.0
ASKED_TO_STOP = 5
LARGEST_LOG = 1_000_000
PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "LC_", "LD_LIBRARY_PATH", "DYLD_", "PYTHON", "OPENBLAS_")
_PR_SET_PDEATHSIG = 1
_PORT_TAKEN = ("Address already in use", "AddrInUse", "Address in use")


class EmbeddedError(Exception):
    """The embedded pair cannot start or go on. The message is one line, with the mend."""


class PortTaken(EmbeddedError):
    """Another program took the port between our choice and the child's start."""


@dataclass
class Child:
    """One child process.

    Attributes:
        name: what people call it, such as `store`.
        address: where it listens on loopback, such as `127.0.0.1:41234`.
        log: the file that holds what it printed.
    """

    name: str
    port: int
    log: Path
    log_start: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def ended(self) -> bool:
        return self.process.poll() is not None

    def wait_until_it_listens(self) -> None:
        """Return when the child takes connections.

        Raises:
            PortTaken: it ended because another program has the port.
            EmbeddedError: it ended, or did not listen within a minute.
        """
        deadline = time.monotonic() + READY_SECONDS
        while not _listens(self.port):
            if self.ended():
                raise self._why_it_ended()
            if time.monotonic() > deadline:
                self.stop()
                raise EmbeddedError(
                    f"the embedded {self.name} did not answer within {READY_SECONDS:.0f} seconds; its log: {self.log}"
                )
            time.sleep(0.02)
        if self.ended():
            raise self._why_it_ended()

    def stop(self) -> None:
        """Ask the child to end, and after a while make it."""
        # Asked more than once: a signal that comes just as the store begins to wait is only seen with the next.
        for _ in range(ASKED_TO_STOP):
            if self._ends_within(STOP_SECONDS / ASKED_TO_STOP, self._ask_to_end):
                break
        else:
            # A supervisor makes its child end when the pipe closes; killing the supervisor would leave the child.
            pipe = self.process.stdin
            if not (pipe and self._ends_within(STOP_SECONDS, pipe.close)):
                self._ends_within(STOP_SECONDS, self.process.kill)
        if self.process.stdin:
            self.process.stdin.close()

    def _ask_to_end(self) -> None:
        self.process.terminate()
        # The store waits two seconds for the thread that accepts connections, unless one comes.
        time.sleep(0.05)
        _listens(self.port)

    def _ends_within(self, seconds: float, ask: Callable[[], None]) -> bool:
        if not self.ended():
            with contextlib.suppress(ProcessLookupError):
                ask()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        return self.ended()

    def how_it_ended(self) -> str:
        """Such as `exit code 1` or `signal 9`."""
        code = self.process.poll()
        if code is None:
            return "still running"
        return f"exit code {code}" if code >= 0 else f"signal {-code}"

    def _why_it_ended(self) -> EmbeddedError:
        with self.log.open("rb") as log:
            log.seek(self.log_start)
            lines = log.read().decode(errors="replace").splitlines()
        said = "\n".join(lines)
        if any(sign in said for sign in _PORT_TAKEN):
            return PortTaken(f"the embedded {self.name} found its port {self.port} taken; its log: {self.log}")
        if "already being managed by another process" in said or "Device or resource busy" in said:
            return EmbeddedError(
                f"the embedded {self.name} found its files in use by another process; end that process first, "
                f"or choose another folder with --data; its log: {self.log}"
            )
        if "No space left on device" in said:
            return EmbeddedError(f"the disk is full: the embedded {self.name} could not start; its log: {self.log}")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
        return EmbeddedError(
            f"the embedded {self.name} ended at once ({self.how_it_ended()}: {last[:200]}); its log: {self.log}"
        )


def spawn(
    name: str,
    command: Sequence[str],
    *,
    port: int,
    log: Path,
    keep_open: Sequence[int] = (),
    supervised: bool = not sys.platform.startswith("linux"),
) -> Child:
    """Start a child that ends with this process, in a session of its own so that Ctrl-C reaches only us.

    Args:
        name: what people call it.
        command: program and arguments.
        port: the loopback port that the command was told to listen on.
        log: file that gets its output; an earlier one is continued, or moved aside when large.
        keep_open: file descriptors the child inherits.
        supervised: end it through a supervisor on a pipe instead of the kernel's parent-death signal.

    Raises:
        EmbeddedError: the program cannot be started.
    """
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    environment = {key: value for key, value in os.environ.items() if key.startswith(PASSED_ON)}
    with _private(log).open("ab") as output:
        log_start = output.tell()
        try:
            if supervised:
                process = subprocess.Popen(
                    [sys.executable, "-I", "-S", supervise.__file__, *command],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    env=environment,
                    pass_fds=keep_open,
                    start_new_session=True,
                )
            else:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=environment,
                    pass_fds=keep_open,
                    start_new_session=True,
                    preexec_fn=_ends_with(os.getpid()),
                )
        except OSError as error:
            raise EmbeddedError(f"the embedded {name} cannot be started: {command[0]}: {error.strerror}") from None
    return Child(name=name, port=port, log=log, log_start=log_start, process=process)


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _ends_with(parent: int) -> Callable[[], None]:
    if threading.current_thread() is not threading.main_thread():
        # The signal follows the thread that spawned, not the process: any other thread may end before it.
        raise RuntimeError("the embedded pair is started from the main thread only")
    libc = ctypes.CDLL(None, use_errno=True)

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the signal was set
            os._exit(1)

    return in_child


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
            # A connection to an unused port of the ephemeral range can meet itself.
            return bool(connection.getsockname() != connection.getpeername())
    except OSError:
        return False


def _private(path: Path) -> Path:
    path.touch(mode=0o600)
    return path
