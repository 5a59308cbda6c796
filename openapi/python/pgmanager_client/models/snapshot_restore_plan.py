from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cost_estimate import CostEstimate
    from ..models.snapshot_view import SnapshotView
    from ..models.snapshot_volume_view import SnapshotVolumeView


T = TypeVar("T", bound="SnapshotRestorePlan")


@_attrs_define
class SnapshotRestorePlan:
    snapshot: SnapshotView
    """ One of Railway's own copies of the volume. It tells of no state: what is in the list is complete. """
    replaced_volume: SnapshotVolumeView
    """ A volume at Railway. What is used of it is billed; one that nothing mounts is billed as well. """
    safety_backup: bool
    deletes_replaced_volume: bool
    vanishing_snapshots: list[SnapshotView]
    """ Newer ones: Railway removes them. """
    remarks: list[str]
    cost: CostEstimate
    """ US dollars a month. Plans include usage and differ in discounts, so a bill may well be another. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        snapshot = self.snapshot.to_dict()

        replaced_volume = self.replaced_volume.to_dict()

        safety_backup = self.safety_backup

        deletes_replaced_volume = self.deletes_replaced_volume

        vanishing_snapshots = []
        for vanishing_snapshots_item_data in self.vanishing_snapshots:
            vanishing_snapshots_item = vanishing_snapshots_item_data.to_dict()
            vanishing_snapshots.append(vanishing_snapshots_item)

        remarks = self.remarks

        cost = self.cost.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "snapshot": snapshot,
                "replaced_volume": replaced_volume,
                "safety_backup": safety_backup,
                "deletes_replaced_volume": deletes_replaced_volume,
                "vanishing_snapshots": vanishing_snapshots,
                "remarks": remarks,
                "cost": cost,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cost_estimate import CostEstimate  # noqa: PLC0415
        from ..models.snapshot_view import SnapshotView  # noqa: PLC0415
        from ..models.snapshot_volume_view import SnapshotVolumeView  # noqa: PLC0415

        d = dict(src_dict)
        snapshot = SnapshotView.from_dict(d.pop("snapshot"))

        replaced_volume = SnapshotVolumeView.from_dict(d.pop("replaced_volume"))

        safety_backup = d.pop("safety_backup")

        deletes_replaced_volume = d.pop("deletes_replaced_volume")

        vanishing_snapshots = []
        _vanishing_snapshots = d.pop("vanishing_snapshots")
        for vanishing_snapshots_item_data in _vanishing_snapshots:
            vanishing_snapshots_item = SnapshotView.from_dict(vanishing_snapshots_item_data)

            vanishing_snapshots.append(vanishing_snapshots_item)

        remarks = cast(list[str], d.pop("remarks"))

        cost = CostEstimate.from_dict(d.pop("cost"))

        snapshot_restore_plan = cls(
            snapshot=snapshot,
            replaced_volume=replaced_volume,
            safety_backup=safety_backup,
            deletes_replaced_volume=deletes_replaced_volume,
            vanishing_snapshots=vanishing_snapshots,
            remarks=remarks,
            cost=cost,
        )

        snapshot_restore_plan.additional_properties = d
        return snapshot_restore_plan

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
