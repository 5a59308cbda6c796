from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SettingScopeWish")


@_attrs_define
class SettingScopeWish:
    """Without both: the whole server, by ALTER SYSTEM."""

    logical_database: None | str | Unset = UNSET
    role: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        logical_database: None | str | Unset
        if isinstance(self.logical_database, Unset):
            logical_database = UNSET
        else:
            logical_database = self.logical_database

        role: None | str | Unset
        if isinstance(self.role, Unset):
            role = UNSET
        else:
            role = self.role

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if logical_database is not UNSET:
            field_dict["logical_database"] = logical_database
        if role is not UNSET:
            field_dict["role"] = role

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_logical_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_database = _parse_logical_database(d.pop("logical_database", UNSET))

        def _parse_role(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        role = _parse_role(d.pop("role", UNSET))

        setting_scope_wish = cls(
            logical_database=logical_database,
            role=role,
        )

        return setting_scope_wish
