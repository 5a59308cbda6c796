import io
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app.kit.redaction import Redactor, redact
from app.logging import configure_logging
from app.settings import LogSettings

log = structlog.get_logger()


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    configure_logging(LogSettings(level="warning"), redact)


class Lines:
    """What was written since the last look."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    def read(self) -> list[dict[str, Any]]:
        text = self.stream.getvalue()
        self.stream.seek(0)
        self.stream.truncate()
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Lines:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging(LogSettings(level="info"), Redactor(["tiger-lily"]).redact)
    return Lines(stream)


def test_our_lines_and_those_of_libraries_have_one_shape(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        log.info("backup.uploaded", bytes=3)
        logging.getLogger("uvicorn.error").info("Started %s", "it")
    ours, theirs = lines.read()
    assert (ours["event"], ours["bytes"], ours["request_id"], ours["level"]) == ("backup.uploaded", 3, "r1", "info")
    assert (theirs["event"], theirs["message"], theirs["request_id"]) == ("uvicorn.error.logged", "Started it", "r1")
    assert ours["at"].endswith("Z")
    assert theirs["at"].endswith("Z")


def test_uvicorns_own_access_lines_are_off(lines: Lines) -> None:
    logging.getLogger("uvicorn.access").info("GET /v1/x?cursor=y 200")
    assert lines.read() == []


def test_warnings_are_lines(lines: Lines) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # Once more: the block of pytest around this test has put its own collector in the way.
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn("old", stacklevel=1)
    (line,) = lines.read()
    assert line["event"] == "py.warnings.logged"


def test_no_secret_is_written_wherever_it_stands(lines: Lines) -> None:
    try:
        int("password=hunter22 for tiger-lily")
    except ValueError:
        log.exception("job.failed", url="postgresql://me:hunter22@host/x", nested={"a": ["tiger-lily"]}, path=object())
    logging.getLogger("app").error("login with %s failed", "tiger-lily")
    written = json.dumps(lines.read())
    assert "ValueError" in written
    assert "hunter22" not in written
    assert "tiger-lily" not in written


def test_lines_below_the_level_are_not_written(lines: Lines) -> None:
    log.debug("noise")
    logging.getLogger("sqlalchemy.engine").info("SELECT 1")
    assert lines.read() == []


def test_a_terminal_gets_text_without_local_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging(LogSettings(json_lines=False), redact)

    def fail(number: int) -> None:
        token = number * 11
        raise ValueError(f"no {number}", bool(token))

    try:
        fail(1111)
    except ValueError:
        log.exception("job.failed", path="/x")
    written = stream.getvalue()
    assert "job.failed" in written
    assert "ValueError" in written
    assert "12221" not in written
