"""Which services read whose variables, told from the configuration of an environment.

Only names are taken from it: the values beside them may be somebody's passwords.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.providers.railway.client import Result

# ${{Service.NAME}}, also with spaces in the service's name and around both. A name without a service is one's own. Behind it
# perhaps a port: one of PostgreSQL's and of no other number, which might be somebody's password.
_REFERENCE: Final = re.compile(r"\$\{\{([^{}]{1,300})\}\}(?::(5432|5433)(?![0-9]))?")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHARED: Final = "shared"
# An address of Railway's written out. It has no user and no password in it, whatever stands around it.
_ADDRESS: Final = re.compile(
    r"(?<![a-z0-9.-])([a-z0-9-]{1,100}\.(?:proxy\.rlwy\.net|railway\.internal))(?::([0-9]{1,5}))?(?![a-z0-9.-])",
    re.IGNORECASE,
)
_BY_PROXY: Final = ("RAILWAY_TCP_PROXY_DOMAIN", "RAILWAY_TCP_PROXY_PORT")


class Reference(Result):
    """``variable`` of the service reads ``target_variable`` of another one.

    ``service_id`` is None for a variable that the environment shares with all its services. ``is_whole``: its value is
    this reference and nothing else. ``is_public``: what it reads leads over the public proxy. ``port`` is what the value
    itself says behind the reference, as in ``${{Postgres.PGHOST}}:5433``.
    """

    service_id: str | None
    variable: str
    target_service_name: str
    target_variable: str
    is_public: bool
    is_whole: bool
    port: int | None = None


class WrittenAddress(Result):
    """``variable`` has an address of Railway's written out, which does not follow when that changes. ``port`` may be elsewhere."""

    service_id: str | None
    variable: str
    host: str
    port: int | None


def references(config: Mapping[str, Any]) -> list[Reference]:
    """From a configuration with unrendered values; those that Railway hides (sealed ones) refer to nothing that we see."""
    found = list(_of_variables(None, _mapping(config.get("sharedVariables"))))
    for service_id, service in sorted(_mapping(config.get("services")).items()):
        found += _of_variables(service_id, _mapping(_mapping(service).get("variables")))
    return found


def written_addresses(config: Mapping[str, Any]) -> list[WrittenAddress]:
    """From the same."""
    found = list(_written_in(None, _mapping(config.get("sharedVariables"))))
    for service_id, service in sorted(_mapping(config.get("services")).items()):
        found += _written_in(service_id, _mapping(_mapping(service).get("variables")))
    return found


def is_public_variable(name: str) -> bool:
    return "PUBLIC" in name or name in _BY_PROXY


def is_public_host(host: str | None) -> bool:
    """Railway's proxies, whose names many databases share."""
    return host is not None and host.endswith(".proxy.rlwy.net")


def _of_variables(service_id: str | None, variables: Mapping[str, Any]) -> Iterator[Reference]:
    for variable, content in sorted(variables.items()):
        value = _mapping(content).get("value")
        if not isinstance(value, str):
            continue
        found: dict[tuple[str, str], str | None] = {}
        for match in _REFERENCE.finditer(value):
            if (pair := _target(match[1])) is not None:
                found.setdefault(pair, match[2])
        for (name, target), port in sorted(found.items()):
            yield Reference(
                service_id=service_id,
                variable=variable,
                target_service_name=name,
                target_variable=target,
                is_public=is_public_variable(target),
                is_whole=port is None and _REFERENCE.fullmatch(value.strip()) is not None,
                port=int(port) if port else None,
            )


def _written_in(service_id: str | None, variables: Mapping[str, Any]) -> Iterator[WrittenAddress]:
    for variable, content in sorted(variables.items()):
        value = _mapping(content).get("value")
        found = (
            {(match[1].lower(), match[2]) for match in _ADDRESS.finditer(value)} if isinstance(value, str) else set()
        )
        for host, port in sorted(found, key=str):
            yield WrittenAddress(service_id=service_id, variable=variable, host=host, port=int(port) if port else None)


def _target(inside: str) -> tuple[str, str] | None:
    """Which variable of which other service is meant; none of one's own, and none that all services share."""
    service, _, variable = (part.strip() for part in inside.rpartition("."))
    return (service, variable) if service not in ("", _SHARED) and _NAME.fullmatch(variable) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
