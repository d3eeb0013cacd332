"""The data folder: one platform at a time, its secrets, and where it can be reached."""

import contextlib
import fcntl
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from shared.embedded.children import EmbeddedError

KEY_FILE = "secret.key"
LEFTOVERS_SECONDS = 5.0


class DataFolder:
    """An open data folder. Only one process can have it open; its children keep it locked until they have ended too."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self.lock = lock

    @classmethod
    def open(cls, path: Path) -> "DataFolder":
        """Make the folder if it is missing, and lock it.

        Raises:
            EmbeddedError: another process has it, or it cannot be written.
        """
        path = path.absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise EmbeddedError(
                f"the data folder {path} cannot be written: {error.strerror}; choose another with --data"
            ) from None
        deadline = time.monotonic() + LEFTOVERS_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                holder = os.read(lock, 32).decode(errors="replace").strip()
                os.lseek(lock, 0, os.SEEK_SET)
                # After kill -9 of a platform its children are on their way out: wait for them, not for a live one.
                if _is_alive(holder) or time.monotonic() > deadline:
                    os.close(lock)
                    raise EmbeddedError(
                        f"the data folder {path} is already in use by process {holder or 'unknown'}; "
                        "stop it or choose another with --data"
                    ) from None
                time.sleep(0.05)
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        return cls(path, lock)

    def close(self) -> None:
        """Give the folder free."""
        self.forget_running()
        os.close(self.lock)

    def secret(self, name: str) -> str | None:
        """A secret that was kept under this name."""
        return read_secret(self.path, name)

    def keep_secret(self, name: str, value: str) -> None:
        """Keep a secret, readable by the owner only; it is whole or not there, also after a crash."""
        write_private(self.path / name, value)

    def secret_key(self) -> str:
        """The key that signs links: made once, so that links in sent mail survive a restart."""
        key = self.secret(KEY_FILE)
        if key is None:
            key = secrets.token_urlsafe(48)
            self.keep_secret(KEY_FILE, key)
        return key

    def noted(self, name: str) -> str | None:
        """What `note` wrote under this name."""
        return read_secret(self.path, name)

    def note(self, name: str, value: str) -> None:
        """Remember a word about the folder; it is whole or not there, also after a crash."""
        write_private(self.path / name, value)

    def say_running(self, **facts: str | bool) -> None:
        """Write where the platform can be reached, for the other commands; see `running`."""
        write_private(self.path / "running.json", json.dumps({"process": os.getpid(), **facts}, indent=2))

    def forget_running(self) -> None:
        """Take back what `say_running` wrote."""
        (self.path / "running.json").unlink(missing_ok=True)


def running(path: Path) -> dict[str, Any]:
    """Where the platform of this data folder can be reached.

    Raises:
        EmbeddedError: it is not running.
    """
    not_running = EmbeddedError(
        f"no platform is running on the data folder {path.absolute()}; start it with `motesplats up`, "
        "or name its folder with --data"
    )
    try:
        facts: dict[str, Any] = json.loads((path / "running.json").read_text())
    except FileNotFoundError:
        raise not_running from None
    except (OSError, ValueError) as error:
        raise EmbeddedError(f"{path.absolute() / 'running.json'} cannot be read: {error}") from None
    if not _is_alive(str(facts.get("process", ""))):
        raise not_running
    return facts


def read_secret(path: Path, name: str) -> str | None:
    """A secret of a data folder, which need not be open; None when there is none."""
    try:
        return (path / name).read_text().strip() or None
    except FileNotFoundError:
        return None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; it is replaced whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _is_alive(process: str) -> bool:
    if not process.isdigit() or int(process) == 0:
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
