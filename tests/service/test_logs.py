"""Logs are JSON lines that hold no personal data."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from shared import logs


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged meanwhile; the loggers are put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_an_error_is_logged_by_type_and_place_and_never_by_its_words(written: io.StringIO) -> None:
    for logger in (logs.logger("ours"), logging.getLogger("a library")):
        try:
            raise ValueError("duplicate key: { person: 'Astrid|astrid@example.org' }")
        except ValueError:
            logger.exception("it_failed")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["error"] for line in lines] == ["ValueError", "ValueError"]
    assert all("test_logs.py" in line["where"][-1] for line in lines)
    assert "astrid" not in written.getvalue().casefold()


def test_libraries_say_nothing_of_single_requests_and_mails(written: io.StringIO) -> None:
    for name in ("httpx", "uvicorn.access", "mail.log", "aiokafka.consumer", "pymongo.command"):
        logging.getLogger(name).info("GET /my/a-secret-link")
    assert written.getvalue() == ""


def test_what_a_used_logger_says_is_seen_also_after_the_logs_were_set_anew(written: io.StringIO) -> None:
    ours = logs.logger("used before")
    ours.info("first")
    logs.configure(written)
    with capture_logs() as lines:
        ours.info("second")
    assert [line["event"] for line in lines] == ["second"]
