"""`motesplats parked` on a platform that somebody else's records have reached."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from motesplats_events import Envelope, ParticipantRegistered
from services.cli import main
from services.cli.where import platform as platform_on
from tests.platforms import Platform
from tests.play.conftest import request_from

Parked: TypeAlias = Callable[..., Awaitable[tuple[int, str, str]]]
# Read by these, and by nobody else.
READERS = ("notification", "evaluation")
ODD = "a/../b//c?d=e&f#g%2F [bold]"


@pytest.fixture
def parked(house: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Parked:
    """Run `motesplats parked`: its exit code, and what it prints."""

    async def run(*arguments: str, data: Path = house.data) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["motesplats", "parked", *arguments, "--data", str(data)])
        with pytest.raises(SystemExit) as ended:
            await asyncio.to_thread(main)
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


async def foreign(house: Platform, id: str, type: str = "[/x]") -> None:
    """Put a record of somebody else's program on the topic; returns when both services have parked it."""
    key = uuid4().hex
    envelope = Envelope(id=id, type=type, source="/elsewhere", subject=key, time=datetime.now(UTC), sequence=1)
    servers = platform_on(house.data).kafka_bootstrap_servers
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
        record = {"value": b"{}", "key": key.encode(), "headers": envelope.headers()}
        await producer.send_and_wait(ParticipantRegistered.topic, **record)
    async with httpx.AsyncClient(base_url=house.url, headers=house.staff, timeout=60) as client, asyncio.timeout(120):
        for service in READERS:
            while id not in {row["id"] for row in (await client.get(f"/api/{service}/parked")).json()}:
                await asyncio.sleep(0.1)


@pytest.mark.parametrize("id", [ODD, ".."])
async def test_what_somebody_else_sent_can_be_seen_and_given_up_whatever_its_id_and_type(
    house: Platform, parked: Parked, id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "the-night-shift")

    def of_it(listed: str) -> list[str]:
        return [line for line in listed.splitlines() if f"  {id}  " in line]

    await foreign(house, id)
    code, listed, error = await parked()
    assert (code, error) == (0, "")
    assert [line.split()[0] for line in of_it(listed)] == list(READERS)
    assert all("type [/x] is not" in line for line in of_it(listed))

    code, _, error = await parked("retry", id)
    assert (code, [line.split(":")[0] for line in error.splitlines()]) == (1, list(READERS))
    assert "It still cannot be read: type [/x] is not" in error

    code, _, error = await parked("discard", id)
    assert code == 2
    assert "notification and evaluation hold it" in error
    assert len(of_it((await parked())[1])) == 2, "nothing was given up"

    assert await parked("discard", id, "--service", "evaluation") == (0, "evaluation: discarded\n", "")
    assert await parked("discard", id, "--name", "Maja [/x]") == (0, "notification: discarded\n", "")
    code, shown, error = await parked("show", id)
    assert (code, error) == (0, "")
    noted = [line for line in shown.splitlines() if line.startswith("discarded")]
    assert "by Maja [/x] (type [/x] is not" in noted[0]
    assert "by the-night-shift (type [/x] is not" in noted[1]
    assert of_it((await parked())[1]) == []
    assert (await parked("discard", id))[0] == 1


async def test_a_service_that_is_away_is_named_and_the_others_are_listed(
    house: Platform, parked: Parked, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    id = str(uuid4())
    await foreign(house, id, type="\x1b[2Jcleared")
    async with without(house, "/api/evaluation/") as url:
        monkeypatch.setenv("PUBLIC_URL", url)
        monkeypatch.setenv("MOTESPLATS_SECRET_KEY", platform_on(house.data).secret_key)
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
        elsewhere = tmp_path / "none"
        code, listed, error = await parked(data=elsewhere)
        assert (code, error) == (1, "evaluation: it does not answer (502 Bad Gateway)\n")
        assert f"notification  {id}" in listed
        assert "\x1b" not in listed, "a terminal would obey it"
        code, said, error = await parked("discard", id, data=elsewhere)
        assert (code, said) == (1, ""), "evaluation may hold it, too"
        assert "evaluation: it does not answer" in error
        assert "to discard it in notification: --service notification" in error
        there = ("--service", "notification")
        assert await parked("discard", id, *there, data=elsewhere) == (0, "notification: discarded\n", "")
        code, listed, error = await parked(*there, data=elsewhere)
        assert (code, error, id in listed) == (0, "", False)


@asynccontextmanager
async def without(house: Platform, path: str) -> AsyncIterator[str]:
    """A proxy before the platform for which everything below a path is away; where it is."""
    target = urlsplit(house.url)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            request = await request_from(reader)
            if path.encode() in request.split(b"\r\n")[0]:
                page = b"<html>Bad Gateway</html>"
                start = f"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: {len(page)}\r\n\r\n"
                writer.write(start.encode() + page)
            else:
                there, back = await asyncio.open_connection(target.hostname, target.port)
                back.write(request)
                writer.write(await there.read())
                back.close()
        writer.close()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
