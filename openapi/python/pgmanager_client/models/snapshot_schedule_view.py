from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.kind import Kind

if TYPE_CHECKING:
    from ..models.snapshot_schedule_entry import SnapshotScheduleEntry


T = TypeVar("T", bound="SnapshotScheduleView")


@_attrs_define
class SnapshotScheduleView:
    """New databases on Railway have none. What Railway has taken stays until it expires."""

    kinds: list[Kind]
    entries: list[SnapshotScheduleEntry]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kinds = []
        for kinds_item_data in self.kinds:
            kinds_item = kinds_item_data.value
            kinds.append(kinds_item)

        entries = []
        for entries_item_data in self.entries:
            entries_item = entries_item_data.to_dict()
            entries.append(entries_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kinds": kinds,
                "entries": entries,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.snapshot_schedule_entry import SnapshotScheduleEntry  # noqa: PLC0415

        d = dict(src_dict)
        kinds = []
        _kinds = d.pop("kinds")
        for kinds_item_data in _kinds:
            kinds_item = Kind(kinds_item_data)

            kinds.append(kinds_item)

        entries = []
        _entries = d.pop("entries")
        for entries_item_data in _entries:
            entries_item = SnapshotScheduleEntry.from_dict(entries_item_data)

            entries.append(entries_item)

        snapshot_schedule_view = cls(
            kinds=kinds,
            entries=entries,
        )

        snapshot_schedule_view.additional_properties = d
        return snapshot_schedule_view

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
