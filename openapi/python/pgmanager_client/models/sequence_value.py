from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SequenceValue")


@_attrs_define
class SequenceValue:
    """``last_value`` is null for a sequence that was never used. It was read just after the snapshot, before the dump."""

    schema: str
    name: str
    last_value: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        schema = self.schema

        name = self.name

        last_value: int | None
        last_value = self.last_value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "schema": schema,
                "name": name,
                "last_value": last_value,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        schema = d.pop("schema")

        name = d.pop("name")

        def _parse_last_value(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        last_value = _parse_last_value(d.pop("last_value"))

        sequence_value = cls(
            schema=schema,
            name=name,
            last_value=last_value,
        )

        sequence_value.additional_properties = d
        return sequence_value

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
