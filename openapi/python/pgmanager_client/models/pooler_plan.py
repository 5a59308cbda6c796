from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cost_estimate import CostEstimate


T = TypeVar("T", bound="PoolerPlan")


@_attrs_define
class PoolerPlan:
    """What the job does. With `dry_run=true` nothing but this happens."""

    steps: list[str]
    arithmetic: list[str]
    """ How many connections the pools may open, and how many there are. """
    warnings: list[str]
    cost: CostEstimate | None
    """ Of a pooler at Railway, which is a service of its own. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.cost_estimate import CostEstimate  # noqa: PLC0415

        steps = self.steps

        arithmetic = self.arithmetic

        warnings = self.warnings

        cost: dict[str, Any] | None
        if isinstance(self.cost, CostEstimate):
            cost = self.cost.to_dict()
        else:
            cost = self.cost

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "steps": steps,
                "arithmetic": arithmetic,
                "warnings": warnings,
                "cost": cost,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cost_estimate import CostEstimate  # noqa: PLC0415

        d = dict(src_dict)
        steps = cast(list[str], d.pop("steps"))

        arithmetic = cast(list[str], d.pop("arithmetic"))

        warnings = cast(list[str], d.pop("warnings"))

        def _parse_cost(data: object) -> CostEstimate | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cost_type_0 = CostEstimate.from_dict(data)

                return cost_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CostEstimate | None, data)

        cost = _parse_cost(d.pop("cost"))

        pooler_plan = cls(
            steps=steps,
            arithmetic=arithmetic,
            warnings=warnings,
            cost=cost,
        )

        pooler_plan.additional_properties = d
        return pooler_plan

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
