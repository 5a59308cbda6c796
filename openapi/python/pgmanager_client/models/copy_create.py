from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="CopyCreate")


@_attrs_define
class CopyCreate:
    location_id: str

    def to_dict(self) -> dict[str, Any]:
        location_id = self.location_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "location_id": location_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        location_id = d.pop("location_id")

        copy_create = cls(
            location_id=location_id,
        )

        return copy_create
