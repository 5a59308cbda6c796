from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.copy_fate import CopyFate


T = TypeVar("T", bound="LocationFate")


@_attrs_define
class LocationFate:
    """``blocked`` are more than may go at once: they stay until they are released."""

    location_id: str
    kept: list[CopyFate]
    deleted: list[CopyFate]
    blocked: list[CopyFate]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        location_id = self.location_id

        kept = []
        for kept_item_data in self.kept:
            kept_item = kept_item_data.to_dict()
            kept.append(kept_item)

        deleted = []
        for deleted_item_data in self.deleted:
            deleted_item = deleted_item_data.to_dict()
            deleted.append(deleted_item)

        blocked = []
        for blocked_item_data in self.blocked:
            blocked_item = blocked_item_data.to_dict()
            blocked.append(blocked_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "location_id": location_id,
                "kept": kept,
                "deleted": deleted,
                "blocked": blocked,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.copy_fate import CopyFate  # noqa: PLC0415

        d = dict(src_dict)
        location_id = d.pop("location_id")

        kept = []
        _kept = d.pop("kept")
        for kept_item_data in _kept:
            kept_item = CopyFate.from_dict(kept_item_data)

            kept.append(kept_item)

        deleted = []
        _deleted = d.pop("deleted")
        for deleted_item_data in _deleted:
            deleted_item = CopyFate.from_dict(deleted_item_data)

            deleted.append(deleted_item)

        blocked = []
        _blocked = d.pop("blocked")
        for blocked_item_data in _blocked:
            blocked_item = CopyFate.from_dict(blocked_item_data)

            blocked.append(blocked_item)

        location_fate = cls(
            location_id=location_id,
            kept=kept,
            deleted=deleted,
            blocked=blocked,
        )

        location_fate.additional_properties = d
        return location_fate

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
