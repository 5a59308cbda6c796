from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.pool_mode import PoolMode

T = TypeVar("T", bound="PoolView")


@_attrs_define
class PoolView:
    name: str
    logical_database: str
    mode: PoolMode
    size: int
    reserve: int
    min_size: int
    max_db_connections: int | None
    paused_until: datetime.datetime | None
    """ It resumes by itself at that time; null: it is not paused. """
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        logical_database = self.logical_database

        mode = self.mode.value

        size = self.size

        reserve = self.reserve

        min_size = self.min_size

        max_db_connections: int | None
        max_db_connections = self.max_db_connections

        paused_until: None | str
        if isinstance(self.paused_until, datetime.datetime):
            paused_until = self.paused_until.isoformat()
        else:
            paused_until = self.paused_until

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "logical_database": logical_database,
                "mode": mode,
                "size": size,
                "reserve": reserve,
                "min_size": min_size,
                "max_db_connections": max_db_connections,
                "paused_until": paused_until,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        logical_database = d.pop("logical_database")

        mode = PoolMode(d.pop("mode"))

        size = d.pop("size")

        reserve = d.pop("reserve")

        min_size = d.pop("min_size")

        def _parse_max_db_connections(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        max_db_connections = _parse_max_db_connections(d.pop("max_db_connections"))

        def _parse_paused_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                paused_until_type_0 = datetime.datetime.fromisoformat(data)

                return paused_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        paused_until = _parse_paused_until(d.pop("paused_until"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        pool_view = cls(
            name=name,
            logical_database=logical_database,
            mode=mode,
            size=size,
            reserve=reserve,
            min_size=min_size,
            max_db_connections=max_db_connections,
            paused_until=paused_until,
            created_at=created_at,
            updated_at=updated_at,
        )

        pool_view.additional_properties = d
        return pool_view

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
