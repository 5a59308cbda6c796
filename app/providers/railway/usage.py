"""What a service used up, as Railway counts it for the bill."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.prices import Priced

MINUTES_OF_A_MONTH: Final = 30 * 24 * 60
# Railway counts GB and vCPU by the minute, and traffic once. The units are not documented, only the numbers are.
_COUNTED: Final[Mapping[Priced, tuple[str, float]]] = {
    Priced.MEMORY: ("MEMORY_USAGE_GB", MINUTES_OF_A_MONTH),
    Priced.CPU: ("CPU_USAGE", MINUTES_OF_A_MONTH),
    Priced.VOLUME: ("DISK_USAGE_GB", MINUTES_OF_A_MONTH),
    Priced.BACKUP: ("BACKUP_USAGE_GB", MINUTES_OF_A_MONTH),
    Priced.EGRESS: ("NETWORK_TX_GB", 1.0),
}


class _Tags(Result):
    environment_id: str | None = None
    service_id: str | None = None


class _Usage(Result):
    measurement: str
    value: float
    tags: _Tags


class _Answer(Result):
    usage: list[_Usage]


async def service_usage(
    client: RailwayClient, *, project_id: str, environment_id: str, service_id: str, since: datetime, until: datetime
) -> dict[Priced, float]:
    """In the units of the price table. Refused to project tokens (RailwayNotAuthorized); what is not told is 0."""
    variables = {
        "projectId": project_id,
        "measurements": [name for name, _ in _COUNTED.values()],
        "groupBy": ["ENVIRONMENT_ID", "SERVICE_ID"],
        "startDate": since.isoformat(),
        "endDate": until.isoformat(),
    }
    found = (await client.read(document("usage"), variables, _Answer)).usage
    mine = [one for one in found if (one.tags.environment_id, one.tags.service_id) == (environment_id, service_id)]
    return {
        what: sum(one.value for one in mine if one.measurement == name) / divisor
        for what, (name, divisor) in _COUNTED.items()
    }
