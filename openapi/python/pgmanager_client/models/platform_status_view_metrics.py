from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.measured_value import MeasuredValue


T = TypeVar("T", bound="PlatformStatusViewMetrics")


@_attrs_define
class PlatformStatusViewMetrics:
    """The newest of `cpu`, `memory`, `disk`, `network_rx`, `_tx`."""

    additional_properties: dict[str, MeasuredValue] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:

        field_dict: dict[str, Any] = {}
        for prop_name, prop in self.additional_properties.items():
            field_dict[prop_name] = prop.to_dict()

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.measured_value import MeasuredValue  # noqa: PLC0415

        d = dict(src_dict)
        platform_status_view_metrics = cls()

        additional_properties = {}
        for prop_name, prop_dict in d.items():
            additional_property = MeasuredValue.from_dict(prop_dict)

            additional_properties[prop_name] = additional_property

        platform_status_view_metrics.additional_properties = additional_properties
        return platform_status_view_metrics

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> MeasuredValue:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: MeasuredValue) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
