"""Entity tags (RFC 9110, 8.8.3) made of a row's revision, and the conditions that name them."""

from app.errors import Problem


class PreconditionFailed(Problem):
    """Somebody else changed the resource since the caller read it."""

    status, code, title = 412, "PRECONDITION_FAILED", "The resource has changed"


class PreconditionRequired(Problem):
    """Two who change the same at once would undo each other's work without knowing."""

    status, code, title = 428, "PRECONDITION_REQUIRED", "The change needs the ETag it was decided on"

    def __init__(self, revision: int) -> None:
        tag = entity_tag(revision)
        super().__init__(
            "Read the resource, and send its ETag as If-Match with the change.",
            headers={"ETag": tag},
            current_etag=tag,
        )


def entity_tag(revision: int) -> str:
    return f'"{revision}"'


def is_known(if_none_match: str | None, revision: int) -> bool:
    """Whether the caller has this revision already; weak tags count, since proxies weaken them."""
    known = {tag.removeprefix("W/") for tag in _listed(if_none_match)}
    return not known.isdisjoint({entity_tag(revision), "*"})


def require_match(if_match: str | None, revision: int) -> None:
    """Raises PreconditionFailed, with the current tag, unless the caller names this revision or none at all."""
    if if_match is None or not {entity_tag(revision), "*"}.isdisjoint(_listed(if_match)):
        return
    tag = entity_tag(revision)
    raise PreconditionFailed(
        f"If-Match does not name the current revision {tag}: read the resource again and decide anew.",
        headers={"ETag": tag},
        current_etag=tag,
    )


def _listed(header: str | None) -> list[str]:
    return [tag.strip() for tag in (header or "").split(",")]
