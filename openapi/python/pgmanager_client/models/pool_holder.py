from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.pool_endpoint import PoolEndpoint
from ..types import UNSET, Unset

T = TypeVar("T", bound="PoolHolder")


@_attrs_define
class PoolHolder:
    """A service, and the pool that each of its processes holds."""

    service: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    pool_max: int
    """ Of each process. SQLAlchemy: pool_size + max_overflow, 15 by itself; node-postgres and HikariCP: 10. """
    endpoint: PoolEndpoint | Unset = UNSET
    replicas: int | None | Unset = UNSET
    """ Null: as last seen at Railway of the service of that name, and 1 where nothing was. """
    processes: int | Unset = 1
    """ Of each replica, such as the workers of gunicorn. """
    overlaps: bool | Unset = True
    """ Whether a deploy starts the new replicas before the old ones end: they count twice. """
    role: None | str | Unset = UNSET
    """ By which it logs in to the pooler; null: one for all. """
    logical_database: None | str | Unset = UNSET
    """ What it gives the pooler as its database; null: the default one. """

    def to_dict(self) -> dict[str, Any]:
        service = self.service

        pool_max = self.pool_max

        endpoint: str | Unset = UNSET
        if not isinstance(self.endpoint, Unset):
            endpoint = self.endpoint.value

        replicas: int | None | Unset
        if isinstance(self.replicas, Unset):
            replicas = UNSET
        else:
            replicas = self.replicas

        processes = self.processes

        overlaps = self.overlaps

        role: None | str | Unset
        if isinstance(self.role, Unset):
            role = UNSET
        else:
            role = self.role

        logical_database: None | str | Unset
        if isinstance(self.logical_database, Unset):
            logical_database = UNSET
        else:
            logical_database = self.logical_database

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "service": service,
                "pool_max": pool_max,
            }
        )
        if endpoint is not UNSET:
            field_dict["endpoint"] = endpoint
        if replicas is not UNSET:
            field_dict["replicas"] = replicas
        if processes is not UNSET:
            field_dict["processes"] = processes
        if overlaps is not UNSET:
            field_dict["overlaps"] = overlaps
        if role is not UNSET:
            field_dict["role"] = role
        if logical_database is not UNSET:
            field_dict["logical_database"] = logical_database

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        service = d.pop("service")

        pool_max = d.pop("pool_max")

        _endpoint = d.pop("endpoint", UNSET)
        endpoint: PoolEndpoint | Unset
        if isinstance(_endpoint, Unset):
            endpoint = UNSET
        else:
            endpoint = PoolEndpoint(_endpoint)

        def _parse_replicas(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        replicas = _parse_replicas(d.pop("replicas", UNSET))

        processes = d.pop("processes", UNSET)

        overlaps = d.pop("overlaps", UNSET)

        def _parse_role(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        role = _parse_role(d.pop("role", UNSET))

        def _parse_logical_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_database = _parse_logical_database(d.pop("logical_database", UNSET))

        pool_holder = cls(
            service=service,
            pool_max=pool_max,
            endpoint=endpoint,
            replicas=replicas,
            processes=processes,
            overlaps=overlaps,
            role=role,
            logical_database=logical_database,
        )

        return pool_holder
