"""The layers that Railway knows of: the variable of a consumer, and what runs and leads where."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from app.connections.endpoints import ConnectionEndpoint, EndpointKind
from app.connections.findings import Findings
from app.connections.troubles.trouble import Layer
from app.databases.places import Site
from app.databases.referrers import Surroundings, seen_now
from app.errors import Problem
from app.providers.railway import variables
from app.providers.railway.deployments import DOWN, UP
from app.providers.railway.proxies import proxies
from app.runtime import Runtime

_SCHEMES = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Consumer:
    service: str
    variable: str


async def ask_railway(
    runtime: Runtime, site: Site, endpoints: list[ConnectionEndpoint], kind: EndpointKind, findings: Findings
) -> Surroundings | None:
    """The platform's layer. None if Railway could not be asked."""
    try:
        around = await seen_now(runtime, site)
        await _platform(runtime, site, around, endpoints, kind, findings=findings)
    except Problem as problem:
        findings.skip(Layer.PLATFORM, f"Railway could not be asked: {problem.detail}")
        return None
    return around


async def look_at_consumer(
    site: Site, around: Surroundings, endpoints: list[ConnectionEndpoint], consumer: Consumer, findings: Findings
) -> None:
    """Whether its variable exists, parses, renders and leads to one of the endpoints. No value is told."""
    service_id = around.named(consumer.service)
    if service_id is None:
        detail = f"There is no service {consumer.service} in the environment {around.environment_name}."
        findings.fail("CONSUMER_MISSING", detail)
        return
    place = site.place.model_copy(update={"service_id": service_id})
    try:
        written = (await variables.unrendered(site.client, place)).get(consumer.variable)
        value = (await variables.rendered(site.client, place)).get(consumer.variable)
    except Problem as problem:
        findings.skip(Layer.CONSUMER, f"Railway could not be asked: {problem.detail}")
        return
    if value is None:
        findings.fail("VARIABLE_MISSING", f"{around.name_of(service_id)} has no variable {consumer.variable}.")
        return
    judge_value(value, written or value, endpoints, consumer.variable, findings)


def judge_value(
    value: str, written: str, endpoints: list[ConnectionEndpoint], variable: str, findings: Findings
) -> None:
    """``written``: with its references, as Railway keeps it."""
    if "${{" in value:
        findings.fail("VARIABLE_UNRENDERED", f"{variable} still holds a reference after rendering.")
        return
    try:
        parts = urlsplit(value.strip())
        host, port, database = parts.hostname, parts.port, unquote(parts.path.lstrip("/"))
    except ValueError:
        findings.fail("VARIABLE_UNPARSED", f"{variable} is no address that can be read.")
        return
    if parts.scheme not in _SCHEMES:
        findings.fail("VARIABLE_UNPARSED", f"{variable} does not begin with postgresql://.")
        return
    if not host or (port is None and parts.netloc.endswith(":")):
        findings.fail("VARIABLE_UNRENDERED", f"{variable} has no host or no port: what it refers to is empty.")
        return
    facts: dict[str, Any] = {"variable": variable, "host": host, "port": port or 5432, "logical_database": database}
    leads = next((one for one in endpoints if (one.host.lower(), one.port) == (host.lower(), port or 5432)), None)
    if leads is None:
        findings.fail(
            "VARIABLE_ELSEWHERE", f"{variable} leads to {host}:{port or 5432}, which is none of ours.", **facts
        )
    elif "${{" not in written:
        findings.warn("VARIABLE_BY_HAND", f"{variable} leads here, and is written out by hand.", **facts)
    else:
        findings.ok(Layer.CONSUMER, f"{variable} leads to the {leads.network} endpoint.", **facts)


async def _platform(
    runtime: Runtime,
    site: Site,
    around: Surroundings,
    endpoints: list[ConnectionEndpoint],
    kind: EndpointKind,
    *,
    findings: Findings,
) -> None:
    service = around.services.get(site.place.service())
    if service is None:
        findings.fail("SERVICE_GONE")
        return
    status = service.deployment.status if service.deployment else None
    ours = (runtime.settings.railway_project_id, runtime.settings.railway_environment_id)
    facts: dict[str, Any] = {
        "service": service.name,
        "environment": around.environment_name,
        "deployment": status,
        "same_environment_as_this_service": ours == (site.place.project_id, site.place.environment_id),
    }
    way_out = next((text for down, text in DOWN.items() if down == status), None)
    if status is None or way_out is not None:
        findings.fail("DEPLOYMENT_DOWN", f"Its deployment is {status or 'absent'}. {way_out or ''}".strip(), **facts)
    elif status not in UP:
        findings.warn("DEPLOYMENT_DOWN", f"Its deployment is {status}: it is on its way.", **facts)
    else:
        findings.ok(Layer.PLATFORM, f"Its deployment is {status}.", **facts)
    if kind is EndpointKind.PUBLIC:
        wanted = next(((one.host, one.port) for one in endpoints if one.network is EndpointKind.PUBLIC), None)
        found = [(one.sync_status, one.address) for one in await proxies(site.client, site.place)]
        if wanted not in [address for _, address in found]:
            states = ", ".join(state for state, _ in found) or "absent"
            findings.fail("PROXY_INACTIVE", f"The proxy of this address is {states}, or leads by another one.")
