from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PoolerPlan")


@_attrs_define
class PoolerPlan:
    """What the job does. With `dry_run=true` nothing but this happens."""

    steps: list[str]
    arithmetic: list[str]
    """ How many connections the pools may open, and how many there are. """
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        steps = self.steps

        arithmetic = self.arithmetic

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "steps": steps,
                "arithmetic": arithmetic,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        steps = cast(list[str], d.pop("steps"))

        arithmetic = cast(list[str], d.pop("arithmetic"))

        warnings = cast(list[str], d.pop("warnings"))

        pooler_plan = cls(
            steps=steps,
            arithmetic=arithmetic,
            warnings=warnings,
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
