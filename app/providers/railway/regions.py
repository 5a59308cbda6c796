"""Where on Railway services can run."""

from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document


class Region(Result):
    """``name`` is what a service's settings take. A deprecated one may name its ``replacement``."""

    name: str
    location: str
    country: str
    is_deprecated: bool
    replacement: str | None


class _Deprecation(Result):
    is_deprecated: bool
    replacement_region: str


class _Constraints(Result):
    deprecation_info: _Deprecation | None = None


class _Region(Result):
    name: str
    location: str
    country: str
    deployment_constraints: _Constraints | None = None


class _Answer(Result):
    regions: list[_Region]


async def regions(client: RailwayClient, project_id: str | None = None) -> list[Region]:
    """By name; with ``project_id`` those that this project may use."""
    found = (await client.read(document("regions"), {"projectId": project_id}, _Answer)).regions
    return sorted((_region(region) for region in found), key=lambda region: region.name)


def _region(found: _Region) -> Region:
    constraints = found.deployment_constraints
    deprecation = constraints.deprecation_info if constraints else None
    deprecated = deprecation is not None and deprecation.is_deprecated
    return Region(
        name=found.name,
        location=found.location,
        country=found.country,
        is_deprecated=deprecated,
        replacement=deprecation.replacement_region or None if deprecation and deprecated else None,
    )
