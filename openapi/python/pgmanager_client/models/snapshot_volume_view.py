from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SnapshotVolumeView")


@_attrs_define
class SnapshotVolumeView:
    """A volume at Railway. What is used of it is billed; one that nothing mounts is billed as well."""

    volume_id: str
    """ Railway's. """
    size_mb: int
    used_mb: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        volume_id = self.volume_id

        size_mb = self.size_mb

        used_mb = self.used_mb

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "volume_id": volume_id,
                "size_mb": size_mb,
                "used_mb": used_mb,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        volume_id = d.pop("volume_id")

        size_mb = d.pop("size_mb")

        used_mb = d.pop("used_mb")

        snapshot_volume_view = cls(
            volume_id=volume_id,
            size_mb=size_mb,
            used_mb=used_mb,
        )

        snapshot_volume_view.additional_properties = d
        return snapshot_volume_view

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
