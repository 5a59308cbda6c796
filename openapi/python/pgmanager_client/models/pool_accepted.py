from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.job_view import JobView
    from ..models.pool_view import PoolView
    from ..models.pooler_plan import PoolerPlan


T = TypeVar("T", bound="PoolAccepted")


@_attrs_define
class PoolAccepted:
    pool: PoolView
    job: JobView
    """ A long action: what it is about, how far it is, how it ended. """
    plan: PoolerPlan
    """ What the job does. With `dry_run=true` nothing but this happens. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pool = self.pool.to_dict()

        job = self.job.to_dict()

        plan = self.plan.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pool": pool,
                "job": job,
                "plan": plan,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_view import JobView  # noqa: PLC0415
        from ..models.pool_view import PoolView  # noqa: PLC0415
        from ..models.pooler_plan import PoolerPlan  # noqa: PLC0415

        d = dict(src_dict)
        pool = PoolView.from_dict(d.pop("pool"))

        job = JobView.from_dict(d.pop("job"))

        plan = PoolerPlan.from_dict(d.pop("plan"))

        pool_accepted = cls(
            pool=pool,
            job=job,
            plan=plan,
        )

        pool_accepted.additional_properties = d
        return pool_accepted

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
