from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_preset import RolePreset

if TYPE_CHECKING:
    from ..models.role_wish_view_settings import RoleWishViewSettings


T = TypeVar("T", bound="RoleWishView")


@_attrs_define
class RoleWishView:
    """As it was wished for last."""

    preset: None | RolePreset
    """ Null leaves its privileges as they are. """
    schemas: list[str] | None
    """ Null: all, those made later included. """
    owners: list[str] | None
    """ Whose present and future objects are meant. Null: whoever owns something there now. """
    logical_databases: list[str] | None
    """ Null: the default one. """
    connection_limit: int | None
    """ Null: none, or the preset's. """
    valid_until: datetime.datetime | None
    """ Until when its password is taken at a login. """
    settings: RoleWishViewSettings
    """ Of its new sessions, such as `statement_timeout`: `30s`. """
    member_of: list[str] | None
    """ Null: those of the preset only, or as they are without a preset. """
    login: bool = True
    """ False: a group, which others are members of. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        login = self.login

        preset: None | str
        if isinstance(self.preset, RolePreset):
            preset = self.preset.value
        else:
            preset = self.preset

        schemas: list[str] | None
        if isinstance(self.schemas, list):
            schemas = self.schemas

        else:
            schemas = self.schemas

        owners: list[str] | None
        if isinstance(self.owners, list):
            owners = self.owners

        else:
            owners = self.owners

        logical_databases: list[str] | None
        if isinstance(self.logical_databases, list):
            logical_databases = self.logical_databases

        else:
            logical_databases = self.logical_databases

        connection_limit: int | None
        connection_limit = self.connection_limit

        valid_until: None | str
        if isinstance(self.valid_until, datetime.datetime):
            valid_until = self.valid_until.isoformat()
        else:
            valid_until = self.valid_until

        settings = self.settings.to_dict()

        member_of: list[str] | None
        if isinstance(self.member_of, list):
            member_of = self.member_of

        else:
            member_of = self.member_of

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "login": login,
                "preset": preset,
                "schemas": schemas,
                "owners": owners,
                "logical_databases": logical_databases,
                "connection_limit": connection_limit,
                "valid_until": valid_until,
                "settings": settings,
                "member_of": member_of,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.role_wish_view_settings import RoleWishViewSettings  # noqa: PLC0415

        d = dict(src_dict)
        login = d.pop("login")

        def _parse_preset(data: object) -> None | RolePreset:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                preset_type_0 = RolePreset(data)

                return preset_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RolePreset, data)

        preset = _parse_preset(d.pop("preset"))

        def _parse_schemas(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                schemas_type_0 = cast(list[str], data)

                return schemas_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        schemas = _parse_schemas(d.pop("schemas"))

        def _parse_owners(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                owners_type_0 = cast(list[str], data)

                return owners_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        owners = _parse_owners(d.pop("owners"))

        def _parse_logical_databases(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                logical_databases_type_0 = cast(list[str], data)

                return logical_databases_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        logical_databases = _parse_logical_databases(d.pop("logical_databases"))

        def _parse_connection_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        connection_limit = _parse_connection_limit(d.pop("connection_limit"))

        def _parse_valid_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_until_type_0 = datetime.datetime.fromisoformat(data)

                return valid_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        valid_until = _parse_valid_until(d.pop("valid_until"))

        settings = RoleWishViewSettings.from_dict(d.pop("settings"))

        def _parse_member_of(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                member_of_type_0 = cast(list[str], data)

                return member_of_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        member_of = _parse_member_of(d.pop("member_of"))

        role_wish_view = cls(
            login=login,
            preset=preset,
            schemas=schemas,
            owners=owners,
            logical_databases=logical_databases,
            connection_limit=connection_limit,
            valid_until=valid_until,
            settings=settings,
            member_of=member_of,
        )

        role_wish_view.additional_properties = d
        return role_wish_view

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
