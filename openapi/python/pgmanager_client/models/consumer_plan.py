from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ConsumerPlan")


@_attrs_define
class ConsumerPlan:
    """What the job does. With `dry_run=true` nothing but this happens."""

    service: str
    variable: str
    before: None | str
    """ Unrendered; `***` if it is more than references. Null: there is none. """
    after: None | str
    """ Unrendered. Null: the variable is removed. """
    redeploys: bool
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        service = self.service

        variable = self.variable

        before: None | str
        before = self.before

        after: None | str
        after = self.after

        redeploys = self.redeploys

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "service": service,
                "variable": variable,
                "before": before,
                "after": after,
                "redeploys": redeploys,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        service = d.pop("service")

        variable = d.pop("variable")

        def _parse_before(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        before = _parse_before(d.pop("before"))

        def _parse_after(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        after = _parse_after(d.pop("after"))

        redeploys = d.pop("redeploys")

        warnings = cast(list[str], d.pop("warnings"))

        consumer_plan = cls(
            service=service,
            variable=variable,
            before=before,
            after=after,
            redeploys=redeploys,
            warnings=warnings,
        )

        consumer_plan.additional_properties = d
        return consumer_plan

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
