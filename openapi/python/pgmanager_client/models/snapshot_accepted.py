from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cost_estimate import CostEstimate
    from ..models.job_view import JobView
    from ..models.snapshot_volume_view import SnapshotVolumeView


T = TypeVar("T", bound="SnapshotAccepted")


@_attrs_define
class SnapshotAccepted:
    name: str
    """ By which it is found in the list once the job has succeeded; Railway gives the id later. """
    volume: SnapshotVolumeView
    """ A volume at Railway. What is used of it is billed; one that nothing mounts is billed as well. """
    cost: CostEstimate
    """ US dollars a month. Plans include usage and differ in discounts, so a bill may well be another. """
    job: JobView
    """ A long action: what it is about, how far it is, how it ended. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        volume = self.volume.to_dict()

        cost = self.cost.to_dict()

        job = self.job.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "volume": volume,
                "cost": cost,
                "job": job,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cost_estimate import CostEstimate  # noqa: PLC0415
        from ..models.job_view import JobView  # noqa: PLC0415
        from ..models.snapshot_volume_view import SnapshotVolumeView  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        volume = SnapshotVolumeView.from_dict(d.pop("volume"))

        cost = CostEstimate.from_dict(d.pop("cost"))

        job = JobView.from_dict(d.pop("job"))

        snapshot_accepted = cls(
            name=name,
            volume=volume,
            cost=cost,
            job=job,
        )

        snapshot_accepted.additional_properties = d
        return snapshot_accepted

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
