"""What the container of a deployment wrote, without the secrets that it may have written."""

from datetime import datetime

from app.kit.redaction import redact
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document


class LogLine(Result):
    """``timestamp`` is kept as Railway writes it, with nanoseconds."""

    timestamp: str
    message: str
    severity: str | None = None


class _Answer(Result):
    deployment_logs: list[LogLine]


async def deployment_logs(
    client: RailwayClient,
    deployment_id: str,
    *,
    limit: int,
    contains: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[LogLine]:
    """The newest ``limit`` lines, oldest of them first. ``contains`` is in Railway's own filter syntax."""
    variables = {
        "deploymentId": deployment_id,
        "limit": limit,
        "filter": contains,
        "startDate": since.isoformat() if since else None,
        "endDate": until.isoformat() if until else None,
    }
    lines = (await client.read(document("deploymentLogs"), variables, _Answer)).deployment_logs
    told = [line.model_copy(update={"message": redact(line.message)}) for line in lines]
    return sorted(told, key=lambda line: line.timestamp)
