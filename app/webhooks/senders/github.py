"""GitHub signs the body with HMAC-SHA256 and gives each delivery an id. It sends no time, so ids are remembered."""

import hmac
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs

from app.webhooks.senders.message import Message, Notice, branch_of, json_object, member, same, text_of

_FORM: Final = "application/x-www-form-urlencoded"


class GitHub:
    secret_in_path: ClassVar[bool] = False

    def is_genuine(self, message: Message, secret: str) -> bool:
        wanted = "sha256=" + hmac.digest(secret.encode(), message.body, "sha256").hex()
        return same(message.headers.get("X-Hub-Signature-256"), wanted)

    def read(self, message: Message) -> Notice:
        event = text_of(message.headers.get("X-GitHub-Event")) or "unknown"
        delivery_id = message.id_in("X-GitHub-Delivery")
        payload = json_object(_content(message))
        ignored, ref, commit = _understood(event, payload)
        return Notice(delivery_id, event, ignored=ignored, ref=text_of(ref), commit=text_of(commit))


def _content(message: Message) -> bytes | str:
    """A form is what GitHub sends unless it is told otherwise."""
    if not message.headers.get("Content-Type", "").startswith(_FORM):
        return message.body
    form = parse_qs(message.body.decode("ascii", errors="replace"), max_num_fields=10)
    return next(iter(form.get("payload", ())), "")


def _understood(event: str, payload: Any) -> tuple[str | None, Any, Any]:
    """Why it starts nothing, the branch, the commit."""
    action = payload.get("action")
    match event:
        case "ping":
            return "a ping: the hook works", None, None
        case "push":
            branch = branch_of(payload.get("ref"))
            gone = payload.get("deleted") is True
            ignored = "the branch was deleted" if gone else None if branch else "nothing was pushed to a branch"
            return ignored, branch, payload.get("after")
        case "deployment":
            deployment = payload.get("deployment")
            ignored = None if action in (None, "created") else f"a deployment that is {text_of(action)}"
            return ignored, member(deployment, "ref"), member(deployment, "sha")
        case "workflow_run":
            run = payload.get("workflow_run")
            # It is told of each run three times: when it is asked for, begins and ends.
            ignored = None if action == "requested" else f"a workflow run that is {text_of(action)}"
            return ignored, member(run, "head_branch"), member(run, "head_sha")
    return f"the event {event} starts nothing", None, None
