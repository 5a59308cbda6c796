from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.setting_scope_wish import SettingScopeWish
    from ..models.settings_patch_values import SettingsPatchValues


T = TypeVar("T", bound="SettingsPatch")


@_attrs_define
class SettingsPatch:
    values: SettingsPatchValues
    """ Null takes a setting away, so that what stands beneath it is in force again. """
    scope: SettingScopeWish | Unset = UNSET
    """ Without both: the whole server, by ALTER SYSTEM. """
    allow_restart: bool | Unset = False
    """ Restart the server where a setting needs it. """

    def to_dict(self) -> dict[str, Any]:
        values = self.values.to_dict()

        scope: dict[str, Any] | Unset = UNSET
        if not isinstance(self.scope, Unset):
            scope = self.scope.to_dict()

        allow_restart = self.allow_restart

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "values": values,
            }
        )
        if scope is not UNSET:
            field_dict["scope"] = scope
        if allow_restart is not UNSET:
            field_dict["allow_restart"] = allow_restart

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.setting_scope_wish import SettingScopeWish  # noqa: PLC0415
        from ..models.settings_patch_values import SettingsPatchValues  # noqa: PLC0415

        d = dict(src_dict)
        values = SettingsPatchValues.from_dict(d.pop("values"))

        _scope = d.pop("scope", UNSET)
        scope: SettingScopeWish | Unset
        if isinstance(_scope, Unset):
            scope = UNSET
        else:
            scope = SettingScopeWish.from_dict(_scope)

        allow_restart = d.pop("allow_restart", UNSET)

        settings_patch = cls(
            values=values,
            scope=scope,
            allow_restart=allow_restart,
        )

        return settings_patch
