"""`pgmanager wait`: follows one job over HTTP until it has ended, however often the API goes away meanwhile."""

import asyncio
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from random import Random
from typing import Any, TextIO
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.http import HttpError, http_client
from app.kit.backoff import retry_delay_seconds
from app.kit.ids import decode_id

LONGEST_POLL_SECONDS = 30
ANSWER_SECONDS = 10.0  # beyond the wait that was asked for
LEAST_ANSWER_SECONDS = 5.0  # for a question that is asked just before the timeout
RETRY_BASE_SECONDS, RETRY_CAP_SECONDS = 0.5, 5.0
LINE_SECONDS = 10.0  # between lines of the same step, where they are not rewritten


class Ending(IntEnum):
    """The exit codes."""

    SUCCEEDED = 0
    USAGE = 2
    FAILED = 30
    CANCELLED = 31
    RUNNING = 40
    UNREACHABLE = 50


ENDINGS = {"succeeded": Ending.SUCCEEDED, "failed": Ending.FAILED, "cancelled": Ending.CANCELLED}


class WaitRefused(Exception):
    """Asking again will not help: the address, the key or the job is wrong."""


class _NoAnswer(Exception):
    """Nobody answers, or not the service: it may be restarting."""


@dataclass(frozen=True)
class Question:
    url: str
    key: SecretStr
    job_id: str


def question(url: str | None, key: str | None, job_id: str) -> Question:
    """Raises WaitRefused for what cannot be asked."""
    try:
        decode_id("job", job_id)
    except ValueError as error:
        raise WaitRefused(f"the job is {error}") from None
    if not url:
        raise WaitRefused("there is no address: give --url, or set PGM_URL")
    if not key:
        raise WaitRefused(
            "there is no key: set PGM_KEY; it is no option, since others can read the arguments of a program"
        )
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise WaitRefused("PGM_KEY has characters that no key has")
    try:
        parts = urlsplit(url)
        plain = parts.username is None and not parts.query and not parts.fragment
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and plain
    except ValueError:
        valid = False
    if not valid:
        raise WaitRefused("the address must be of the form https://host, without a user and a query")
    return Question(url.rstrip("/"), SecretStr(key), job_id)


async def wait_for_job(asked: Question, *, timeout_seconds: float, out: TextIO, err: TextIO) -> Ending:
    """Writes the job as it was last seen to ``out`` and what happens meanwhile to ``err``. Raises WaitRefused."""
    told = _Told(err)
    random = Random()  # noqa: S311 (spreads those who ask, and guards nothing)
    deadline = time.monotonic() + timeout_seconds
    job: dict[str, Any] | None = None
    tag, failures = "", 0
    headers = {"Authorization": f"Bearer {asked.key.get_secret_value()}"}
    async with http_client(asked.url, headers=headers, timeout_seconds=LONGEST_POLL_SECONDS + ANSWER_SECONDS) as client:
        while True:
            began = time.monotonic()
            left = max(0.0, deadline - began)
            try:
                # At first for what is known now; at last so that the answer comes before the timeout.
                poll = min(LONGEST_POLL_SECONDS, max(0, int(left - 1))) if tag else 0
                async with asyncio.timeout(max(left, LEAST_ANSWER_SECONDS)):
                    answer = await client.get(
                        f"/v1/jobs/{asked.job_id}",
                        params={"wait": poll},
                        headers={"If-None-Match": tag} if tag else {},
                    )
                news = _judged(answer.status_code, answer.headers, answer.content)
            except (HttpError, TimeoutError, _NoAnswer) as error:
                failures += 1
                pause = retry_delay_seconds(failures, base=RETRY_BASE_SECONDS, cap=RETRY_CAP_SECONDS, random=random)
                told.outage(asked.url, error)
            else:
                # A service that is stopping answers early and with nothing new.
                failures, pause = 0, RETRY_BASE_SECONDS - (time.monotonic() - began)
                told.answered()
                if news is not None:
                    job, tag, pause = news, answer.headers.get("ETag", ""), 0.0
                    told.progress(job)
            left = deadline - time.monotonic()
            if left <= 0 or (job is not None and job["done"]):
                return _end(asked, job, told, out, err)
            await asyncio.sleep(min(max(pause, 0.0), left))


def _end(asked: Question, job: dict[str, Any] | None, told: "_Told", out: TextIO, err: TextIO) -> Ending:
    told.close()
    if job is None:
        print(f"pgmanager: {asked.url} did not answer within the timeout", file=err)
        return Ending.UNREACHABLE
    print(json.dumps(job, indent=2, ensure_ascii=False), file=out)
    ending = ENDINGS.get(str(job["state"]), Ending.RUNNING)
    if ending is Ending.RUNNING:
        print(f"pgmanager: {asked.job_id} is still {job['state']} at the timeout", file=err)
    elif ending is not Ending.SUCCEEDED:
        error = job.get("error") or {}
        reason = f": {error.get('code')}: {error.get('detail')}" if error else ""
        print(f"pgmanager: {asked.job_id} {job['state']}{reason}", file=err)
    return ending


def _judged(status: int, headers: Mapping[str, str], content: bytes) -> dict[str, Any] | None:
    """The job, or None when it has not changed.

    Only what is said as the service says it is believed: while it is deployed anew, a proxy answers in its place.
    """
    if status == HTTPStatus.NOT_MODIFIED:
        return None
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise WaitRefused(f"{status}: the address redirects to {headers.get('Location')}; give that host's")
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise _NoAnswer(f"status {status}, and no JSON")
    if status == HTTPStatus.OK and {"id", "state", "done"} <= document.keys():
        return document
    code = document.get("code")
    final = status in (
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    )
    if final and headers.get("Content-Type", "").startswith("application/problem+json"):
        raise WaitRefused(f"{status} {code}: {document.get('detail')}")
    raise _NoAnswer(f"status {status} {code or ''}".rstrip())


class _Told:
    """What was told to whoever looks on: one line that is rewritten on a terminal, else a line now and then."""

    def __init__(self, err: TextIO) -> None:
        self._err = err
        self._rewrites = err.isatty()
        self._open = False
        self._step: tuple[Any, ...] = ()
        self._at = 0.0
        self._in_outage = False

    def answered(self) -> None:
        self._in_outage = False

    def progress(self, job: dict[str, Any]) -> None:
        line = progress_line(job)
        if self._rewrites:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[2K{line[:width]}", end="", file=self._err, flush=True)
            self._open = True
            return
        step, now = (job["state"], (job.get("progress") or {}).get("step")), time.monotonic()
        if step != self._step or now - self._at >= LINE_SECONDS:
            print(line, file=self._err, flush=True)
            self._step, self._at = step, now

    def outage(self, url: str, error: Exception) -> None:
        """Told once, until there was an answer again."""
        if not self._in_outage:
            self.close()
            reason = str(error) or type(error).__name__
            print(f"pgmanager: no answer from {url} ({reason}); asking again", file=self._err, flush=True)
        self._in_outage = True

    def close(self) -> None:
        if self._open:
            print(file=self._err, flush=True)
        self._open = False


def progress_line(job: dict[str, Any]) -> str:
    progress = job.get("progress") or {}
    shown = [job.get("kind"), job["state"], progress.get("step")]
    if progress.get("percent") is not None:
        shown.append(f"{progress['percent']:.0f} %")
    if progress.get("bytes_done"):
        shown.append(f"{progress['bytes_done'] / 2**20:.0f} MiB")
    if progress.get("rows_done"):
        shown.append(f"{progress['rows_done']:,} rows")
    if progress.get("bytes_per_second"):
        shown.append(f"{progress['bytes_per_second'] / 2**20:.0f} MiB/s")
    if progress.get("eta_seconds") is not None:
        shown.append(f"{progress['eta_seconds']} s left")
    return "  ".join(str(part) for part in shown if part)
