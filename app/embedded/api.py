"""The calls that the demo and a newcomer's stack make to the service, each printed with its answer's status."""

import secrets
import sys
import time
from http import HTTPStatus
from typing import Any

from pydantic import SecretStr

from app.http import http_client
from app.waiting import progress_line

LINE_SECONDS = 2.0  # between two lines of progress where there is no terminal


class CallFailed(Exception):
    """The service refused a call, or a job did not succeed; the text says which and why."""


class Api:
    def __init__(self, base_url: str, key: SecretStr) -> None:
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"}
        self._client = http_client(base_url, headers=headers, timeout_seconds=90)
        self._session = secrets.token_hex(4)
        self._calls = 0

    async def close(self) -> None:
        await self._client.aclose()

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        self._calls += 1
        headers = {"Idempotency-Key": f"{self._session}-{self._calls}"} if method == "POST" else {}
        answer = await self._client.request(method, path, json=body, headers=headers)
        if answer.is_error:
            raise CallFailed(f"{method} {path} answered {answer.status_code}: {answer.text}")
        print(f"  {method} {path.split('?', maxsplit=1)[0]} → {answer.status_code}")
        document: dict[str, Any] = answer.json()
        return document

    async def finished(self, job: dict[str, Any]) -> dict[str, Any]:
        """The job at its end, its progress printed while it runs."""
        tag, line = "", Line()
        while True:
            headers = {"If-None-Match": tag} if tag else None
            answer = await self._client.get(f"{job['links']['self']}?wait=5", headers=headers)
            if answer.status_code == HTTPStatus.NOT_MODIFIED:
                continue
            tag, job = answer.headers["etag"], answer.json()
            line.show(progress_line(job))
            if job["done"]:
                break
        line.end()
        if job["state"] != "succeeded":
            raise CallFailed(f"The job {job['id']} {job['state']}: {(job['error'] or {}).get('detail')}")
        return job


class Line:
    """One line that is rewritten on a terminal, and written anew when it changed elsewhere."""

    def __init__(self) -> None:
        self._last = ""
        self._at = 0.0

    def show(self, text: str) -> None:
        now = time.monotonic()
        if text == self._last or (not sys.stdout.isatty() and now - self._at < LINE_SECONDS):
            return
        self._last, self._at = text, now
        print(f"\r\033[K    {text}" if sys.stdout.isatty() else f"    {text}", end="" if sys.stdout.isatty() else "\n")
        sys.stdout.flush()

    def end(self) -> None:
        if sys.stdout.isatty():
            print()
