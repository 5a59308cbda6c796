from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RailwayRegionView")


@_attrs_define
class RailwayRegionView:
    name: str
    """ What is given as `region`. """
    location: str
    country: str
    deprecated: bool
    replacement: None | str
    """ The region that a deprecated one's services move to. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        location = self.location

        country = self.country

        deprecated = self.deprecated

        replacement: None | str
        replacement = self.replacement

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "location": location,
                "country": country,
                "deprecated": deprecated,
                "replacement": replacement,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        location = d.pop("location")

        country = d.pop("country")

        deprecated = d.pop("deprecated")

        def _parse_replacement(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        replacement = _parse_replacement(d.pop("replacement"))

        railway_region_view = cls(
            name=name,
            location=location,
            country=country,
            deprecated=deprecated,
            replacement=replacement,
        )

        railway_region_view.additional_properties = d
        return railway_region_view

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
