"""What can stand against a change of settings."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.errors import Conflict, NotFound, Unprocessable
from app.kit.ids import encode_id


class SettingNotFound(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"The server has no setting {name}, or our login may not see it.")


class SettingUnknown(Unprocessable):
    """A setting of a library shows only where that is loaded."""

    code, title = "SETTING_UNKNOWN", "The server has no such setting"

    def __init__(self, near: Mapping[str, Sequence[str]]) -> None:
        items = [
            {"pointer": f"/values/{name}", "code": self.code, "detail": f"Near it: {', '.join(found) or 'nothing'}."}
            for name, found in near.items()
        ]
        guesses = [name for found in near.values() for name in found]
        super().__init__(
            f"The server has no setting {', '.join(near)}"
            + (f"; did you mean {', '.join(guesses)}?" if guesses else ".")
            + " Settings of an extension are there once its library is loaded.",
            errors=items,
        )


class SettingInvalid(Unprocessable):
    code, title = "SETTING_INVALID", "The setting does not take this value"

    def __init__(self, reasons: Mapping[str, str]) -> None:
        items = [
            {"pointer": f"/values/{name}", "code": self.code, "detail": f"{name}: {reason}."}
            for name, reason in reasons.items()
        ]
        super().__init__(" ".join(item["detail"] for item in items), errors=items)


class ScopeUnknown(Unprocessable):
    code, title = "SETTING_SCOPE_UNKNOWN", "The server has no such role or database"

    def __init__(self, what: str, name: str) -> None:
        super().__init__(f"There is no {what} {name!r} on the server, so nothing can be set for it.")


class SettingReserved(Conflict):
    code, title = "SETTING_RESERVED", "The setting is not for callers to change"

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{name}: {reason}." for name, reason in reasons.items()), settings=sorted(reasons))


class RestartRequired(Conflict):
    code, title = "RESTART_REQUIRED", "The setting takes effect with a restart only"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"The server takes over {', '.join(names)} when it starts, and sessions are cut by that. Send allow_restart=true "
            "to have it restarted.",
            settings=list(names),
        )


class SettingNotApplied(Conflict):
    """Read back after the change, by a session that began after it. What was there before is back."""

    code, title = "SETTING_NOT_APPLIED", "The server does not go by the new value"

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__(
            " ".join(f"{name}: {reason}." for name, reason in reasons.items()) + " The former values are set again.",
            settings=sorted(reasons),
        )


class SettingsBusy(Conflict):
    code, title, retryable = "SETTINGS_BUSY", "The settings of this server are being changed", True

    def __init__(self, job_id: UUID) -> None:
        super().__init__(
            f"{encode_id('job', job_id)} changes settings of this server and restarts it. Wait for its end.",
            blocking_job_id=encode_id("job", job_id),
        )


class ChangeNotFound(NotFound):
    def __init__(self, change_id: UUID) -> None:
        super().__init__(f"There is no change {encode_id('stc', change_id)} of this database's settings.")


class ChangeNotUndoable(Conflict):
    code, title = "CHANGE_NOT_UNDOABLE", "The change cannot be undone"

    def __init__(self, reason: str, **members: Any) -> None:
        super().__init__(reason, **members)


class ChangeUnsettled(Conflict):
    code, title = "CHANGE_UNSETTLED", "How much of the change the server has is not known"

    def __init__(self, change_id: UUID) -> None:
        super().__init__(f"Undo {encode_id('stc', change_id)} first, then make the change again.")
