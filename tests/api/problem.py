from typing import Any

import httpx


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The document of an answer, after what all of them have in common was checked."""
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == answer.status_code
    assert document["request_id"] == answer.headers["x-request-id"]
    assert document["instance"] == answer.request.url.path
    assert {"type", "title", "detail", "code", "retryable"} <= document.keys()
    return document
