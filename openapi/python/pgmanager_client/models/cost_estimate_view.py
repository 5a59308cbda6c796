from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cost_estimate import CostEstimate


T = TypeVar("T", bound="CostEstimateView")


@_attrs_define
class CostEstimateView:
    """An estimate: usage times a price table with a date. No bill was read."""

    since: datetime.datetime
    until: datetime.datetime
    basis: str
    """ Where the quantities are from. """
    estimate: CostEstimate
    """ US dollars a month. Plans include usage and differ in discounts, so a bill may well be another. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        since = self.since.isoformat()

        until = self.until.isoformat()

        basis = self.basis

        estimate = self.estimate.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "since": since,
                "until": until,
                "basis": basis,
                "estimate": estimate,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cost_estimate import CostEstimate  # noqa: PLC0415

        d = dict(src_dict)
        since = datetime.datetime.fromisoformat(d.pop("since"))

        until = datetime.datetime.fromisoformat(d.pop("until"))

        basis = d.pop("basis")

        estimate = CostEstimate.from_dict(d.pop("estimate"))

        cost_estimate_view = cls(
            since=since,
            until=until,
            basis=basis,
            estimate=estimate,
        )

        cost_estimate_view.additional_properties = d
        return cost_estimate_view

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
