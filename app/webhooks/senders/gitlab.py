"""GitLab sends the secret itself in a header and signs nothing: whoever reads one message can write another."""

from typing import Any, ClassVar

from app.webhooks.senders.message import Message, Notice, branch_of, json_object, member, same, text_of


class GitLab:
    secret_in_path: ClassVar[bool] = False

    def is_genuine(self, message: Message, secret: str) -> bool:
        return same(message.headers.get("X-Gitlab-Token"), secret)

    def read(self, message: Message) -> Notice:
        event = text_of(message.headers.get("X-Gitlab-Event")) or "unknown"
        # The first stays the same when a message is sent again, and older versions do not send it.
        delivery_id = message.id_in("Idempotency-Key", "X-Gitlab-Event-UUID")
        ignored, ref, commit = _understood(event, json_object(message.body))
        return Notice(delivery_id, event, ignored=ignored, ref=text_of(ref), commit=text_of(commit))


def _understood(event: str, payload: Any) -> tuple[str | None, Any, Any]:
    """Why it starts nothing, the branch, the commit."""
    match event:
        case "Push Hook":
            branch, commit = branch_of(payload.get("ref")), payload.get("checkout_sha")
            ignored = (
                "the branch was deleted" if commit is None else None if branch else "nothing was pushed to a branch"
            )
            return ignored, branch, commit
        case "Deployment Hook":
            status = payload.get("status")
            ignored = None if status == "running" else f"a deployment that is {text_of(status)}"
            return ignored, payload.get("ref"), payload.get("short_sha")
        case "Pipeline Hook":
            pipeline = payload.get("object_attributes")
            # It is told of a pipeline at each change of its state, of which this is the first that all of them have.
            status = member(pipeline, "status")
            ignored = None if status == "pending" else f"a pipeline that is {text_of(status)}"
            return ignored, member(pipeline, "ref"), member(pipeline, "sha")
    return f"the event {event} starts nothing", None, None
