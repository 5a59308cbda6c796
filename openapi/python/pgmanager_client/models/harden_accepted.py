from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.harden_plan import HardenPlan
    from ..models.job_view import JobView


T = TypeVar("T", bound="HardenAccepted")


@_attrs_define
class HardenAccepted:
    """The job, and what it does."""

    job: JobView
    """ A long action: what it is about, how far it is, how it ended. """
    plan: HardenPlan | None
    """ Null: only a worker reaches the server, and the job finds out for itself what is to be done. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.harden_plan import HardenPlan  # noqa: PLC0415

        job = self.job.to_dict()

        plan: dict[str, Any] | None
        if isinstance(self.plan, HardenPlan):
            plan = self.plan.to_dict()
        else:
            plan = self.plan

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
        from ..models.harden_plan import HardenPlan  # noqa: PLC0415
        from ..models.job_view import JobView  # noqa: PLC0415

        d = dict(src_dict)
        job = JobView.from_dict(d.pop("job"))

        def _parse_plan(data: object) -> HardenPlan | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                plan_type_0 = HardenPlan.from_dict(data)

                return plan_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(HardenPlan | None, data)

        plan = _parse_plan(d.pop("plan"))

        harden_accepted = cls(
            job=job,
            plan=plan,
        )

        harden_accepted.additional_properties = d
        return harden_accepted

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
