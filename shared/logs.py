"""Logs as JSON lines, without personal data.

An exception is logged by its type and where it was raised, never by its message: driver and validation errors quote
what somebody typed.
"""

import logging
import sys
import traceback
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger


def _without_message(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["error"] = type(error).__qualname__
        event["where"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-6:]
        ]
    return event


OURS_AND_FOREIGN: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _without_message,
]
# One list for the process: a logger keeps the list that it was first used with, and who wants to see the lines
# changes what is in the list.
PROCESSORS: list[Processor] = [*OURS_AND_FOREIGN, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every log line, ours and the libraries', to `stream` (standard output) as one JSON object each."""
    structlog.configure(
        processors=PROCESSORS,
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=OURS_AND_FOREIGN,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # The libraries' own lines about addresses, topics and requests say nothing that ours do not, and may hold a link.
    for name in ("faststream", "pymongo", "httpx", "uvicorn", "mail.log", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It writes a hundred errors a second while the broker is away; relay and inbox say it once each.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; `name` is the module's."""
    found: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return found
