from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="HookUpdate")


@_attrs_define
class HookUpdate:
    """Members that are absent or null stay as they are."""

    name: None | str | Unset = UNSET
    enabled: bool | None | Unset = UNSET
    branches: list[str] | None | Unset = UNSET
    logical_databases: list[str] | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        enabled: bool | None | Unset
        if isinstance(self.enabled, Unset):
            enabled = UNSET
        else:
            enabled = self.enabled

        branches: list[str] | None | Unset
        if isinstance(self.branches, Unset):
            branches = UNSET
        elif isinstance(self.branches, list):
            branches = self.branches

        else:
            branches = self.branches

        logical_databases: list[str] | None | Unset
        if isinstance(self.logical_databases, Unset):
            logical_databases = UNSET
        elif isinstance(self.logical_databases, list):
            logical_databases = self.logical_databases

        else:
            logical_databases = self.logical_databases

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if enabled is not UNSET:
            field_dict["enabled"] = enabled
        if branches is not UNSET:
            field_dict["branches"] = branches
        if logical_databases is not UNSET:
            field_dict["logical_databases"] = logical_databases

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_enabled(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        enabled = _parse_enabled(d.pop("enabled", UNSET))

        def _parse_branches(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                branches_type_0 = cast(list[str], data)

                return branches_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        branches = _parse_branches(d.pop("branches", UNSET))

        def _parse_logical_databases(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                logical_databases_type_0 = cast(list[str], data)

                return logical_databases_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        logical_databases = _parse_logical_databases(d.pop("logical_databases", UNSET))

        hook_update = cls(
            name=name,
            enabled=enabled,
            branches=branches,
            logical_databases=logical_databases,
        )

        return hook_update
