from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SizingAdvice")


@_attrs_define
class SizingAdvice:
    """Advice, not a rule: measure, and look at the time that clients wait."""

    size: int | None
    """ Of each pool, for each user; null where neither cores nor limits are known. """
    cores: int | None
    """ Of the server; null: not known, so give it by `cores`. """
    arithmetic: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        size: int | None
        size = self.size

        cores: int | None
        cores = self.cores

        arithmetic = self.arithmetic

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "size": size,
                "cores": cores,
                "arithmetic": arithmetic,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_size(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        size = _parse_size(d.pop("size"))

        def _parse_cores(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        cores = _parse_cores(d.pop("cores"))

        arithmetic = cast(list[str], d.pop("arithmetic"))

        sizing_advice = cls(
            size=size,
            cores=cores,
            arithmetic=arithmetic,
        )

        sizing_advice.additional_properties = d
        return sizing_advice

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
