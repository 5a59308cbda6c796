from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.role_preset import RolePreset
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.role_replace_settings import RoleReplaceSettings


T = TypeVar("T", bound="RoleReplace")


@_attrs_define
class RoleReplace:
    login: bool | Unset = True
    """ False: a group, which others are members of. """
    preset: None | RolePreset | Unset = UNSET
    """ Null leaves its privileges as they are. """
    schemas: list[str] | None | Unset = UNSET
    """ Null: all, those made later included. """
    owners: list[str] | None | Unset = UNSET
    """ Whose present and future objects are meant. Null: whoever owns something there now. """
    logical_databases: list[str] | None | Unset = UNSET
    """ Null: the default one. """
    connection_limit: int | None | Unset = UNSET
    """ Null: none, or the preset's. """
    valid_until: datetime.datetime | None | Unset = UNSET
    """ Until when its password is taken at a login. """
    settings: RoleReplaceSettings | Unset = UNSET
    """ Of its new sessions, such as `statement_timeout`: `30s`. """
    member_of: list[str] | None | Unset = UNSET
    """ Null: those of the preset only, or as they are without a preset. """
    reset_password: bool | Unset = False
    """ Give the role a new password, also one that was not made by this service. """

    def to_dict(self) -> dict[str, Any]:
        login = self.login

        preset: None | str | Unset
        if isinstance(self.preset, Unset):
            preset = UNSET
        elif isinstance(self.preset, RolePreset):
            preset = self.preset.value
        else:
            preset = self.preset

        schemas: list[str] | None | Unset
        if isinstance(self.schemas, Unset):
            schemas = UNSET
        elif isinstance(self.schemas, list):
            schemas = self.schemas

        else:
            schemas = self.schemas

        owners: list[str] | None | Unset
        if isinstance(self.owners, Unset):
            owners = UNSET
        elif isinstance(self.owners, list):
            owners = self.owners

        else:
            owners = self.owners

        logical_databases: list[str] | None | Unset
        if isinstance(self.logical_databases, Unset):
            logical_databases = UNSET
        elif isinstance(self.logical_databases, list):
            logical_databases = self.logical_databases

        else:
            logical_databases = self.logical_databases

        connection_limit: int | None | Unset
        if isinstance(self.connection_limit, Unset):
            connection_limit = UNSET
        else:
            connection_limit = self.connection_limit

        valid_until: None | str | Unset
        if isinstance(self.valid_until, Unset):
            valid_until = UNSET
        elif isinstance(self.valid_until, datetime.datetime):
            valid_until = self.valid_until.isoformat()
        else:
            valid_until = self.valid_until

        settings: dict[str, Any] | Unset = UNSET
        if not isinstance(self.settings, Unset):
            settings = self.settings.to_dict()

        member_of: list[str] | None | Unset
        if isinstance(self.member_of, Unset):
            member_of = UNSET
        elif isinstance(self.member_of, list):
            member_of = self.member_of

        else:
            member_of = self.member_of

        reset_password = self.reset_password

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if login is not UNSET:
            field_dict["login"] = login
        if preset is not UNSET:
            field_dict["preset"] = preset
        if schemas is not UNSET:
            field_dict["schemas"] = schemas
        if owners is not UNSET:
            field_dict["owners"] = owners
        if logical_databases is not UNSET:
            field_dict["logical_databases"] = logical_databases
        if connection_limit is not UNSET:
            field_dict["connection_limit"] = connection_limit
        if valid_until is not UNSET:
            field_dict["valid_until"] = valid_until
        if settings is not UNSET:
            field_dict["settings"] = settings
        if member_of is not UNSET:
            field_dict["member_of"] = member_of
        if reset_password is not UNSET:
            field_dict["reset_password"] = reset_password

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.role_replace_settings import RoleReplaceSettings  # noqa: PLC0415

        d = dict(src_dict)
        login = d.pop("login", UNSET)

        def _parse_preset(data: object) -> None | RolePreset | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                preset_type_0 = RolePreset(data)

                return preset_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RolePreset | Unset, data)

        preset = _parse_preset(d.pop("preset", UNSET))

        def _parse_schemas(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                schemas_type_0 = cast(list[str], data)

                return schemas_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        schemas = _parse_schemas(d.pop("schemas", UNSET))

        def _parse_owners(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                owners_type_0 = cast(list[str], data)

                return owners_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        owners = _parse_owners(d.pop("owners", UNSET))

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

        def _parse_connection_limit(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        connection_limit = _parse_connection_limit(d.pop("connection_limit", UNSET))

        def _parse_valid_until(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_until_type_0 = datetime.datetime.fromisoformat(data)

                return valid_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        valid_until = _parse_valid_until(d.pop("valid_until", UNSET))

        _settings = d.pop("settings", UNSET)
        settings: RoleReplaceSettings | Unset
        if isinstance(_settings, Unset):
            settings = UNSET
        else:
            settings = RoleReplaceSettings.from_dict(_settings)

        def _parse_member_of(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                member_of_type_0 = cast(list[str], data)

                return member_of_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        member_of = _parse_member_of(d.pop("member_of", UNSET))

        reset_password = d.pop("reset_password", UNSET)

        role_replace = cls(
            login=login,
            preset=preset,
            schemas=schemas,
            owners=owners,
            logical_databases=logical_databases,
            connection_limit=connection_limit,
            valid_until=valid_until,
            settings=settings,
            member_of=member_of,
            reset_password=reset_password,
        )

        return role_replace
