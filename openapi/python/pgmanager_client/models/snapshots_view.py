from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.not_covered import NotCovered
    from ..models.snapshot_view import SnapshotView
    from ..models.snapshot_volume_view import SnapshotVolumeView


T = TypeVar("T", bound="SnapshotsView")


@_attrs_define
class SnapshotsView:
    """As Railway lists them now, newest first."""

    data: list[SnapshotView]
    volume: SnapshotVolumeView
    """ A volume at Railway. What is used of it is billed; one that nothing mounts is billed as well. """
    not_covered: NotCovered
    """ The disasters that each of the two kinds of copies does not help against. Keep both. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        data = []
        for data_item_data in self.data:
            data_item = data_item_data.to_dict()
            data.append(data_item)

        volume = self.volume.to_dict()

        not_covered = self.not_covered.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "data": data,
                "volume": volume,
                "not_covered": not_covered,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.not_covered import NotCovered  # noqa: PLC0415
        from ..models.snapshot_view import SnapshotView  # noqa: PLC0415
        from ..models.snapshot_volume_view import SnapshotVolumeView  # noqa: PLC0415

        d = dict(src_dict)
        data = []
        _data = d.pop("data")
        for data_item_data in _data:
            data_item = SnapshotView.from_dict(data_item_data)

            data.append(data_item)

        volume = SnapshotVolumeView.from_dict(d.pop("volume"))

        not_covered = NotCovered.from_dict(d.pop("not_covered"))

        snapshots_view = cls(
            data=data,
            volume=volume,
            not_covered=not_covered,
        )

        snapshots_view.additional_properties = d
        return snapshots_view

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
