from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.cost_line import CostLine


T = TypeVar("T", bound="CostEstimate")


@_attrs_define
class CostEstimate:
    """US dollars a month. Plans include usage and differ in discounts, so a bill may well be another."""

    prices_of: datetime.date
    """ The day of the price table; prices may have changed since. """
    source: str
    lines: list[CostLine]
    total_usd: float | None
    """ Of the lines whose quantity is known; null when none is. """
    is_estimate: bool | Unset = True
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        prices_of = self.prices_of.isoformat()

        source = self.source

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        total_usd: float | None
        total_usd = self.total_usd

        is_estimate = self.is_estimate

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "prices_of": prices_of,
                "source": source,
                "lines": lines,
                "total_usd": total_usd,
            }
        )
        if is_estimate is not UNSET:
            field_dict["is_estimate"] = is_estimate

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cost_line import CostLine  # noqa: PLC0415

        d = dict(src_dict)
        prices_of = datetime.date.fromisoformat(d.pop("prices_of"))

        source = d.pop("source")

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = CostLine.from_dict(lines_item_data)

            lines.append(lines_item)

        def _parse_total_usd(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        total_usd = _parse_total_usd(d.pop("total_usd"))

        is_estimate = d.pop("is_estimate", UNSET)

        cost_estimate = cls(
            prices_of=prices_of,
            source=source,
            lines=lines,
            total_usd=total_usd,
            is_estimate=is_estimate,
        )

        cost_estimate.additional_properties = d
        return cost_estimate

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
