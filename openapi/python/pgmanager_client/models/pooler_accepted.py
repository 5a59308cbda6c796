from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.job_view import JobView
    from ..models.pooler_plan import PoolerPlan
    from ..models.pooler_view import PoolerView


T = TypeVar("T", bound="PoolerAccepted")


@_attrs_define
class PoolerAccepted:
    pooler: PoolerView
    """ The address is this machine's own, at Railway one of the environment's private network, without a root to
    pin.

    `ca_pem` is the root that signed its certificate. """
    job: JobView
    """ A long action: what it is about, how far it is, how it ended. """
    plan: PoolerPlan
    """ What the job does. With `dry_run=true` nothing but this happens. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pooler = self.pooler.to_dict()

        job = self.job.to_dict()

        plan = self.plan.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pooler": pooler,
                "job": job,
                "plan": plan,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_view import JobView  # noqa: PLC0415
        from ..models.pooler_plan import PoolerPlan  # noqa: PLC0415
        from ..models.pooler_view import PoolerView  # noqa: PLC0415

        d = dict(src_dict)
        pooler = PoolerView.from_dict(d.pop("pooler"))

        job = JobView.from_dict(d.pop("job"))

        plan = PoolerPlan.from_dict(d.pop("plan"))

        pooler_accepted = cls(
            pooler=pooler,
            job=job,
            plan=plan,
        )

        pooler_accepted.additional_properties = d
        return pooler_accepted

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
