from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.pool_mode import PoolMode
from ..types import UNSET, Unset

T = TypeVar("T", bound="PoolPatch")


@_attrs_define
class PoolPatch:
    """What is absent stays as it is. Null takes `max_db_connections` away."""

    mode: None | PoolMode | Unset = UNSET
    size: int | None | Unset = UNSET
    reserve: int | None | Unset = UNSET
    min_size: int | None | Unset = UNSET
    max_db_connections: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        mode: None | str | Unset
        if isinstance(self.mode, Unset):
            mode = UNSET
        elif isinstance(self.mode, PoolMode):
            mode = self.mode.value
        else:
            mode = self.mode

        size: int | None | Unset
        if isinstance(self.size, Unset):
            size = UNSET
        else:
            size = self.size

        reserve: int | None | Unset
        if isinstance(self.reserve, Unset):
            reserve = UNSET
        else:
            reserve = self.reserve

        min_size: int | None | Unset
        if isinstance(self.min_size, Unset):
            min_size = UNSET
        else:
            min_size = self.min_size

        max_db_connections: int | None | Unset
        if isinstance(self.max_db_connections, Unset):
            max_db_connections = UNSET
        else:
            max_db_connections = self.max_db_connections

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if mode is not UNSET:
            field_dict["mode"] = mode
        if size is not UNSET:
            field_dict["size"] = size
        if reserve is not UNSET:
            field_dict["reserve"] = reserve
        if min_size is not UNSET:
            field_dict["min_size"] = min_size
        if max_db_connections is not UNSET:
            field_dict["max_db_connections"] = max_db_connections

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_mode(data: object) -> None | PoolMode | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                mode_type_0 = PoolMode(data)

                return mode_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PoolMode | Unset, data)

        mode = _parse_mode(d.pop("mode", UNSET))

        def _parse_size(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        size = _parse_size(d.pop("size", UNSET))

        def _parse_reserve(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        reserve = _parse_reserve(d.pop("reserve", UNSET))

        def _parse_min_size(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        min_size = _parse_min_size(d.pop("min_size", UNSET))

        def _parse_max_db_connections(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_db_connections = _parse_max_db_connections(d.pop("max_db_connections", UNSET))

        pool_patch = cls(
            mode=mode,
            size=size,
            reserve=reserve,
            min_size=min_size,
            max_db_connections=max_db_connections,
        )

        return pool_patch
