from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.priced import Priced

T = TypeVar("T", bound="CostLine")


@_attrs_define
class CostLine:
    what: Priced
    quantity: float | None
    """ Null: only the price of a unit can be told. """
    unit: str
    usd_per_unit: float
    usd: float | None
    """ Quantity × price. """
    note: None | str
    """ What the quantity is, where it is not measured. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        what = self.what.value

        quantity: float | None
        quantity = self.quantity

        unit = self.unit

        usd_per_unit = self.usd_per_unit

        usd: float | None
        usd = self.usd

        note: None | str
        note = self.note

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "what": what,
                "quantity": quantity,
                "unit": unit,
                "usd_per_unit": usd_per_unit,
                "usd": usd,
                "note": note,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        what = Priced(d.pop("what"))

        def _parse_quantity(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        quantity = _parse_quantity(d.pop("quantity"))

        unit = d.pop("unit")

        usd_per_unit = d.pop("usd_per_unit")

        def _parse_usd(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        usd = _parse_usd(d.pop("usd"))

        def _parse_note(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        note = _parse_note(d.pop("note"))

        cost_line = cls(
            what=what,
            quantity=quantity,
            unit=unit,
            usd_per_unit=usd_per_unit,
            usd=usd,
            note=note,
        )

        cost_line.additional_properties = d
        return cost_line

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
