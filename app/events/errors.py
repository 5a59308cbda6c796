"""What can stand against a request about alerts, or against announcing one."""

from uuid import UUID

from app.errors import NotFound, Problem, Unavailable
from app.kit.ids import encode_id


class AlertNotFound(NotFound):
    def __init__(self, alert_id: UUID) -> None:
        super().__init__(f"There is no alert {encode_id('alr', alert_id)}.")


class AnnouncementRefused(Unavailable):
    code, title = "WEBHOOK_REFUSED", "The webhook did not accept the announcement"

    def __init__(self, status: int, *, retry_after: int) -> None:
        super().__init__(
            f"The webhook answered {status} instead of 2xx. Redirects are not followed.", retry_after=retry_after
        )


class AnnouncementUndelivered(Unavailable):
    code, title = "WEBHOOK_UNREACHABLE", "The webhook could not be called"

    def __init__(self, cause: Problem, *, retry_after: int) -> None:
        super().__init__(cause.detail, retry_after=retry_after)


class WebhookGone(Problem):
    status, code, title = 502, "WEBHOOK_GONE", "The webhook wants no more announcements"

    def __init__(self) -> None:
        super().__init__("The webhook answered 410. Correct PGM_ALERTS__WEBHOOK_URL, or remove it.")
