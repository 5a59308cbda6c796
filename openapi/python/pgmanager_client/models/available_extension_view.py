from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="AvailableExtensionView")


@_attrs_define
class AvailableExtensionView:
    name: str
    installed_version: None | str
    """ Null: the logical database does not have it. """
    newest_version: None | str
    """ Of the server's packages; null where they lack it. """
    versions: list[str]
    schema: None | str
    """ Where its objects are. """
    owner: None | str
    relocatable: bool
    """ Whether its schema can be changed. """
    trusted: bool
    """ Whether it takes no superuser, but CREATE on the database. """
    requires: list[str]
    required_by: list[str]
    """ Other extensions of the logical database. """
    preload_library: None | str
    """ What the server has to load when it starts; a change is a restart. """
    preloaded: bool | None
    """ Whether it has; null where none is needed, or our login may not see it. """
    description: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        installed_version: None | str
        installed_version = self.installed_version

        newest_version: None | str
        newest_version = self.newest_version

        versions = self.versions

        schema: None | str
        schema = self.schema

        owner: None | str
        owner = self.owner

        relocatable = self.relocatable

        trusted = self.trusted

        requires = self.requires

        required_by = self.required_by

        preload_library: None | str
        preload_library = self.preload_library

        preloaded: bool | None
        preloaded = self.preloaded

        description: None | str
        description = self.description

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "installed_version": installed_version,
                "newest_version": newest_version,
                "versions": versions,
                "schema": schema,
                "owner": owner,
                "relocatable": relocatable,
                "trusted": trusted,
                "requires": requires,
                "required_by": required_by,
                "preload_library": preload_library,
                "preloaded": preloaded,
                "description": description,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        def _parse_installed_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        installed_version = _parse_installed_version(d.pop("installed_version"))

        def _parse_newest_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        newest_version = _parse_newest_version(d.pop("newest_version"))

        versions = cast(list[str], d.pop("versions"))

        def _parse_schema(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        schema = _parse_schema(d.pop("schema"))

        def _parse_owner(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        owner = _parse_owner(d.pop("owner"))

        relocatable = d.pop("relocatable")

        trusted = d.pop("trusted")

        requires = cast(list[str], d.pop("requires"))

        required_by = cast(list[str], d.pop("required_by"))

        def _parse_preload_library(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        preload_library = _parse_preload_library(d.pop("preload_library"))

        def _parse_preloaded(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        preloaded = _parse_preloaded(d.pop("preloaded"))

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        available_extension_view = cls(
            name=name,
            installed_version=installed_version,
            newest_version=newest_version,
            versions=versions,
            schema=schema,
            owner=owner,
            relocatable=relocatable,
            trusted=trusted,
            requires=requires,
            required_by=required_by,
            preload_library=preload_library,
            preloaded=preloaded,
            description=description,
        )

        available_extension_view.additional_properties = d
        return available_extension_view

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
