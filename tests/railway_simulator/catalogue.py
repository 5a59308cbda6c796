"""What everybody can read of the platform itself: where things run, and whether it is well."""

from typing import Any

from tests.railway_simulator import reach
from tests.railway_simulator.platform import REGIONS
from tests.railway_simulator.registry import Call, query
from tests.railway_simulator.tokens import EVERYBODY


@query()
async def regions(call: Call, *, project_id: str | None = None) -> list[dict[str, Any]]:
    if project_id is not None:
        reach.project(call, project_id)
    return [
        {
            "name": name,
            "location": location,
            "country": country,
            "region": name,
            "deploymentConstraints": None
            if replacement is None
            else {"deprecationInfo": {"isDeprecated": True, "replacementRegion": replacement}},
        }
        for name, location, country, replacement in REGIONS
    ]


@query(kinds=EVERYBODY)
async def platform_status(call: Call) -> dict[str, Any]:
    incident, maintenance = call.platform.settings.incident, call.platform.settings.maintenance
    return {
        "isStable": incident is None,
        "incident": incident.model_dump() if incident is not None else None,
        "maintenance": maintenance.model_dump() if maintenance is not None else None,
    }
