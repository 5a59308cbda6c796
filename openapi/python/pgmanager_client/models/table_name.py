from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="TableName")


@_attrs_define
class TableName:
    """An exact name, not a pattern. A partitioned table stands for all of its partitions."""

    schema: str
    name: str

    def to_dict(self) -> dict[str, Any]:
        schema = self.schema

        name = self.name

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "schema": schema,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        schema = d.pop("schema")

        name = d.pop("name")

        table_name = cls(
            schema=schema,
            name=name,
        )

        return table_name
