from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PoolerShape")


@_attrs_define
class PoolerShape:
    """A pooler that is not ours. PgBouncer opens as many connections for each pair of a database and a role."""

    pool_size: int | Unset = 20
    reserve: int | Unset = 0
    replicas: int | Unset = 1
    max_client_conn: int | None | Unset = UNSET
    """ Of each replica; null: not known. """

    def to_dict(self) -> dict[str, Any]:
        pool_size = self.pool_size

        reserve = self.reserve

        replicas = self.replicas

        max_client_conn: int | None | Unset
        if isinstance(self.max_client_conn, Unset):
            max_client_conn = UNSET
        else:
            max_client_conn = self.max_client_conn

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if pool_size is not UNSET:
            field_dict["pool_size"] = pool_size
        if reserve is not UNSET:
            field_dict["reserve"] = reserve
        if replicas is not UNSET:
            field_dict["replicas"] = replicas
        if max_client_conn is not UNSET:
            field_dict["max_client_conn"] = max_client_conn

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        pool_size = d.pop("pool_size", UNSET)

        reserve = d.pop("reserve", UNSET)

        replicas = d.pop("replicas", UNSET)

        def _parse_max_client_conn(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_client_conn = _parse_max_client_conn(d.pop("max_client_conn", UNSET))

        pooler_shape = cls(
            pool_size=pool_size,
            reserve=reserve,
            replicas=replicas,
            max_client_conn=max_client_conn,
        )

        return pooler_shape
