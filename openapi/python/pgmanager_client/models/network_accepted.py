from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.job_view import JobView
    from ..models.network_plan import NetworkPlan


T = TypeVar("T", bound="NetworkAccepted")


@_attrs_define
class NetworkAccepted:
    job: JobView
    """ A long action: what it is about, how far it is, how it ended. """
    plan: NetworkPlan
    """ What the job does. With `dry_run=true` nothing but this happens. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        job = self.job.to_dict()

        plan = self.plan.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "job": job,
                "plan": plan,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_view import JobView  # noqa: PLC0415
        from ..models.network_plan import NetworkPlan  # noqa: PLC0415

        d = dict(src_dict)
        job = JobView.from_dict(d.pop("job"))

        plan = NetworkPlan.from_dict(d.pop("plan"))

        network_accepted = cls(
            job=job,
            plan=plan,
        )

        network_accepted.additional_properties = d
        return network_accepted

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
