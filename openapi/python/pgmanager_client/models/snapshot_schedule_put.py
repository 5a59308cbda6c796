from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.kind import Kind

T = TypeVar("T", bound="SnapshotSchedulePut")


@_attrs_define
class SnapshotSchedulePut:
    kinds: list[Kind]
    """ All of them: those that are not given end. """

    def to_dict(self) -> dict[str, Any]:
        kinds = []
        for kinds_item_data in self.kinds:
            kinds_item = kinds_item_data.value
            kinds.append(kinds_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kinds": kinds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kinds = []
        _kinds = d.pop("kinds")
        for kinds_item_data in _kinds:
            kinds_item = Kind(kinds_item_data)

            kinds.append(kinds_item)

        snapshot_schedule_put = cls(
            kinds=kinds,
        )

        return snapshot_schedule_put
