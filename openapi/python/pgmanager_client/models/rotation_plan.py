from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.strategy import Strategy

T = TypeVar("T", bound="RotationPlan")


@_attrs_define
class RotationPlan:
    """What the job does. With `dry_run=true` nothing but this happens."""

    role: str
    """ The login that is replaced, or gets another password. """
    next_role: str
    """ The login that works afterwards; the same one when `immediate`. """
    strategy: Strategy
    steps: list[str]
    outage: None | str
    """ Who cannot log in, from when to when. Null: nobody is locked out. """
    consumers: list[str]
    """ The services that are redeployed, in this order. """
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        role = self.role

        next_role = self.next_role

        strategy = self.strategy.value

        steps = self.steps

        outage: None | str
        outage = self.outage

        consumers = self.consumers

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "role": role,
                "next_role": next_role,
                "strategy": strategy,
                "steps": steps,
                "outage": outage,
                "consumers": consumers,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        role = d.pop("role")

        next_role = d.pop("next_role")

        strategy = Strategy(d.pop("strategy"))

        steps = cast(list[str], d.pop("steps"))

        def _parse_outage(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        outage = _parse_outage(d.pop("outage"))

        consumers = cast(list[str], d.pop("consumers"))

        warnings = cast(list[str], d.pop("warnings"))

        rotation_plan = cls(
            role=role,
            next_role=next_role,
            strategy=strategy,
            steps=steps,
            outage=outage,
            consumers=consumers,
            warnings=warnings,
        )

        rotation_plan.additional_properties = d
        return rotation_plan

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
