"""What a token was seen to be allowed, one thing at a time: Railway documents it nowhere, so it is tried and remembered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Capability(StrEnum):
    """Reads are tried when a token is probed; of writes only their first success or refusal tells."""

    IDENTITY = "identity"
    PROJECTS_READ = "projects.read"
    ENVIRONMENT_READ = "environment.read"
    CHANGES_READ = "changes.read"  # what is staged
    VARIABLES_READ = "variables.read"
    METRICS_READ = "metrics.read"
    SNAPSHOTS_READ = "snapshots.read"
    USAGE_READ = "usage.read"
    ENVIRONMENTS_WRITE = "environments.write"  # making and deleting whole ones
    CHANGES_WRITE = "changes.write"  # staging, and committing patches
    TEMPLATES_DEPLOY = "templates.deploy"
    SERVICES_WRITE = "services.write"
    DEPLOYMENTS_WRITE = "deployments.write"  # restart, redeploy
    VARIABLES_WRITE = "variables.write"
    VOLUMES_WRITE = "volumes.write"
    PUBLIC_ACCESS_WRITE = "public_access.write"
    SNAPSHOTS_WRITE = "snapshots.write"


class Allowed(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """``reason`` says why not, or why it is not known."""

    allowed: Allowed
    reason: str | None = None


def merged(before: Mapping[str, Any], found: Mapping[Capability, Finding], now: datetime) -> dict[str, Any]:
    """For the column: what is newly known replaces what was, and keeps its time if it says the same.

    That a try told nothing says nothing against what was known.
    """
    after = dict(before)
    for capability, finding in found.items():
        known = before.get(capability, {})
        if finding.allowed is Allowed.UNKNOWN and known.get("state") in (Allowed.YES, Allowed.NO):
            continue
        since = known["since"] if known.get("state") == finding.allowed else now.isoformat()
        after[capability.value] = {"state": finding.allowed.value, "since": since, "reason": finding.reason}
    return after
