"""How much memory and how many processors a service may use: what the plan gives, and what we allow of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.providers.railway.certainty import certainly
from app.providers.railway.client import RailwayClient, Result
from app.providers.railway.documents import document
from app.providers.railway.place import Place

GB: Final = 10**9
# Railway writes bytes and takes GB; whether its GB are 10^9 bytes or 2^30 it does not say.
_TOLERANCE: Final = 0.08


@dataclass(frozen=True, slots=True)
class Allowance:
    """Null where Railway says nothing."""

    memory_gb: float | None = None
    vcpus: float | None = None

    def covers(self, wanted: "Allowance") -> bool:
        """Whether everything that ``wanted`` names has that value here."""
        return _same(self.memory_gb, wanted.memory_gb) and _same(self.vcpus, wanted.vcpus)


@dataclass(frozen=True, slots=True)
class Limits:
    plan: Allowance
    own: Allowance


class _Answer(Result):
    service_instance_limits: dict[str, Any]
    service_instance_limit_override: dict[str, Any] | None


async def limits(client: RailwayClient, place: Place) -> Limits:
    variables = {"environmentId": place.environment_id, "serviceId": place.service()}
    found = await client.read(document("serviceInstanceLimits"), variables, _Answer)
    return Limits(_allowance(found.service_instance_limits), _allowance(found.service_instance_limit_override or {}))


async def allow(client: RailwayClient, place: Place, wanted: Allowance) -> None:
    """Sets what ``wanted`` names. Call it again after anything."""
    named = {"memoryGB": wanted.memory_gb, "vCPUs": wanted.vcpus}
    request = {"input": {"environmentId": place.environment_id, "serviceId": place.service(), **named}}

    async def is_made() -> bool:
        return (await limits(client, place)).own.covers(wanted)

    await certainly(lambda: client.change(document("serviceInstanceLimitsUpdate"), request, Result), is_made)


def _allowance(found: Mapping[str, Any]) -> Allowance:
    """The shape is that of the environment's document: ``containers`` with ``cpu`` and ``memoryBytes``."""
    containers = found.get("containers")
    containers = containers if isinstance(containers, Mapping) else {}
    memory, cpu = containers.get("memoryBytes"), containers.get("cpu")
    return Allowance(
        memory_gb=memory / GB if isinstance(memory, int | float) else None,
        vcpus=float(cpu) if isinstance(cpu, int | float) else None,
    )


def _same(found: float | None, wanted: float | None) -> bool:
    return wanted is None or (found is not None and abs(found - wanted) <= _TOLERANCE * wanted)
