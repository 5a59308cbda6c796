"""One log for our own lines, uvicorn's and warnings: events with fields, JSON on standard error, no secrets."""

import logging
import sys
from collections.abc import Callable
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from app.settings import LogSettings

# These speak of every query and every connection at "info" and below.
_TALKATIVE = ("sqlalchemy", "botocore", "aiobotocore", "httpx", "httpcore", "asyncio")
# Fields that only ever hold our own words and ids.
_PLAIN = frozenset({"event", "level", "at", "method", "route", "request_id", "job_id", "key_id"})


def configure_logging(settings: LogSettings, redact: Callable[[str], str]) -> None:
    """Sends all lines of this process, ``redact``-ed, to standard error. May be called again."""
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
        if settings.json_lines
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # the rich one prints locals
        )
    )
    redacted = _Redacted(redact)
    # Our own lines do not pass through the standard library: one per request is written, and it would double the cost.
    structlog.configure(
        processors=[*shared, redacted, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _foreign_event],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redacted, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # Our own line per request has the route template, the duration and the key; uvicorn's would repeat it with the
    # raw path and query.
    logging.getLogger("uvicorn.access").disabled = True
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def _foreign_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Lines of libraries carry a sentence where ours carry a name, so the sentence becomes a field."""
    event["message"] = event["event"]
    event["event"] = f"{event['_record'].name}.logged"
    return event


class _Redacted:
    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        for key, value in event.items():
            if key not in _PLAIN:
                event[key] = self._clean(value)
        return event

    def _clean(self, value: Any) -> Any:
        match value:
            case str():
                return self._redact(value)
            case None | bool() | int() | float():
                return value
            case dict():
                return {str(key): self._clean(item) for key, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._clean(item) for item in value]
        return self._redact(str(value))
