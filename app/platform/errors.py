"""What can stand against asking Railway about a database's service."""

from uuid import UUID

from app.errors import NotFound, Unprocessable
from app.kit.ids import encode_id
from app.providers.railway.metrics import KEPT_DAYS


class DeploymentNotFound(NotFound):
    def __init__(self, database_id: UUID, deployment_id: str) -> None:
        super().__init__(f"{encode_id('db', database_id)} has no deployment {deployment_id} at Railway.")


class MetricsNotKept(Unprocessable):
    code, title = "METRICS_NOT_KEPT", "Railway has thrown these metrics away"

    def __init__(self) -> None:
        super().__init__(f"Railway keeps metrics for {KEPT_DAYS} days: let `from` be later.", days=KEPT_DAYS)


class PeriodInvalid(Unprocessable):
    code, title = "PERIOD_INVALID", "This is no period"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
