from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExtensionView")


@_attrs_define
class ExtensionView:
    name: str
    version: str
    """ When it was backed up. """
    offered: None | str
    """ What the target server would create; null when it cannot. """
    installed: None | str
    """ In the target's logical database, where that exists already. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        version = self.version

        offered: None | str
        offered = self.offered

        installed: None | str
        installed = self.installed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "version": version,
                "offered": offered,
                "installed": installed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        version = d.pop("version")

        def _parse_offered(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        offered = _parse_offered(d.pop("offered"))

        def _parse_installed(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        installed = _parse_installed(d.pop("installed"))

        extension_view = cls(
            name=name,
            version=version,
            offered=offered,
            installed=installed,
        )

        extension_view.additional_properties = d
        return extension_view

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
