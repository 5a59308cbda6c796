from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.login_kind import LoginKind
from ..models.password_kind import PasswordKind
from ..models.role_state import RoleState

if TYPE_CHECKING:
    from ..models.role_setting_view import RoleSettingView
    from ..models.role_wish_view import RoleWishView


T = TypeVar("T", bound="DatabaseRoleView")


@_attrs_define
class DatabaseRoleView:
    name: str
    login: bool
    connection_limit: int | None
    valid_until: datetime.datetime | None
    powers: list[str]
    """ What goes past all privileges, such as `SUPERUSER`. """
    member_of: list[str]
    members: list[str]
    settings: list[RoleSettingView]
    password: PasswordKind
    kind: LoginKind | None
    """ Null: this service has not made it. `superuser`: it uses it itself. """
    state: None | RoleState
    """ Null: it is not kept as anybody wishes. Pending: repeat the request. """
    wish: None | RoleWishView
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.role_wish_view import RoleWishView  # noqa: PLC0415

        name = self.name

        login = self.login

        connection_limit: int | None
        connection_limit = self.connection_limit

        valid_until: None | str
        if isinstance(self.valid_until, datetime.datetime):
            valid_until = self.valid_until.isoformat()
        else:
            valid_until = self.valid_until

        powers = self.powers

        member_of = self.member_of

        members = self.members

        settings = []
        for settings_item_data in self.settings:
            settings_item = settings_item_data.to_dict()
            settings.append(settings_item)

        password = self.password.value

        kind: None | str
        if isinstance(self.kind, LoginKind):
            kind = self.kind.value
        else:
            kind = self.kind

        state: None | str
        if isinstance(self.state, RoleState):
            state = self.state.value
        else:
            state = self.state

        wish: dict[str, Any] | None
        if isinstance(self.wish, RoleWishView):
            wish = self.wish.to_dict()
        else:
            wish = self.wish

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "login": login,
                "connection_limit": connection_limit,
                "valid_until": valid_until,
                "powers": powers,
                "member_of": member_of,
                "members": members,
                "settings": settings,
                "password": password,
                "kind": kind,
                "state": state,
                "wish": wish,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.role_setting_view import RoleSettingView  # noqa: PLC0415
        from ..models.role_wish_view import RoleWishView  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        login = d.pop("login")

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

        powers = cast(list[str], d.pop("powers"))

        member_of = cast(list[str], d.pop("member_of"))

        members = cast(list[str], d.pop("members"))

        settings = []
        _settings = d.pop("settings")
        for settings_item_data in _settings:
            settings_item = RoleSettingView.from_dict(settings_item_data)

            settings.append(settings_item)

        password = PasswordKind(d.pop("password"))

        def _parse_kind(data: object) -> LoginKind | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                kind_type_0 = LoginKind(data)

                return kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LoginKind | None, data)

        kind = _parse_kind(d.pop("kind"))

        def _parse_state(data: object) -> None | RoleState:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                state_type_0 = RoleState(data)

                return state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RoleState, data)

        state = _parse_state(d.pop("state"))

        def _parse_wish(data: object) -> None | RoleWishView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                wish_type_0 = RoleWishView.from_dict(data)

                return wish_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RoleWishView, data)

        wish = _parse_wish(d.pop("wish"))

        warnings = cast(list[str], d.pop("warnings"))

        database_role_view = cls(
            name=name,
            login=login,
            connection_limit=connection_limit,
            valid_until=valid_until,
            powers=powers,
            member_of=member_of,
            members=members,
            settings=settings,
            password=password,
            kind=kind,
            state=state,
            wish=wish,
            warnings=warnings,
        )

        database_role_view.additional_properties = d
        return database_role_view

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
