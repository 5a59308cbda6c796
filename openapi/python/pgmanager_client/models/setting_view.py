from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.context import Context
from ..models.source import Source

if TYPE_CHECKING:
    from ..models.override_view import OverrideView


T = TypeVar("T", bound="SettingView")


@_attrs_define
class SettingView:
    """One setting of the whole server, and what of its sessions has another value."""

    name: str
    value: None | str
    """ In `unit`; null where it is withheld. """
    shown: None | str
    """ As people write it, with a unit. """
    unit: None | str
    type_: str
    """ bool, integer, real, enum or string. """
    min_value: None | str
    max_value: None | str
    choices: list[str]
    """ Of an enum. """
    context: Context
    """ When a setting can change. """
    source: Source
    boot_value: None | str
    """ What the server has when nobody sets it. """
    reset_value: None | str
    """ What RESET brings back in a session. """
    pending_restart: bool
    pending_value: None | str
    """ What the next restart brings. """
    overrides: list[OverrideView]
    category: str
    description: str
    warning: None | str
    """ Why to be careful with it. """
    reserved: None | str
    """ Why it cannot be changed here; null where it can. """
    withheld: bool
    """ Its values may hold a secret, and are null here. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        value: None | str
        value = self.value

        shown: None | str
        shown = self.shown

        unit: None | str
        unit = self.unit

        type_ = self.type_

        min_value: None | str
        min_value = self.min_value

        max_value: None | str
        max_value = self.max_value

        choices = self.choices

        context = self.context.value

        source = self.source.value

        boot_value: None | str
        boot_value = self.boot_value

        reset_value: None | str
        reset_value = self.reset_value

        pending_restart = self.pending_restart

        pending_value: None | str
        pending_value = self.pending_value

        overrides = []
        for overrides_item_data in self.overrides:
            overrides_item = overrides_item_data.to_dict()
            overrides.append(overrides_item)

        category = self.category

        description = self.description

        warning: None | str
        warning = self.warning

        reserved: None | str
        reserved = self.reserved

        withheld = self.withheld

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "value": value,
                "shown": shown,
                "unit": unit,
                "type": type_,
                "min_value": min_value,
                "max_value": max_value,
                "choices": choices,
                "context": context,
                "source": source,
                "boot_value": boot_value,
                "reset_value": reset_value,
                "pending_restart": pending_restart,
                "pending_value": pending_value,
                "overrides": overrides,
                "category": category,
                "description": description,
                "warning": warning,
                "reserved": reserved,
                "withheld": withheld,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.override_view import OverrideView  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        def _parse_value(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        value = _parse_value(d.pop("value"))

        def _parse_shown(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        shown = _parse_shown(d.pop("shown"))

        def _parse_unit(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        unit = _parse_unit(d.pop("unit"))

        type_ = d.pop("type")

        def _parse_min_value(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        min_value = _parse_min_value(d.pop("min_value"))

        def _parse_max_value(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        max_value = _parse_max_value(d.pop("max_value"))

        choices = cast(list[str], d.pop("choices"))

        context = Context(d.pop("context"))

        source = Source(d.pop("source"))

        def _parse_boot_value(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        boot_value = _parse_boot_value(d.pop("boot_value"))

        def _parse_reset_value(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reset_value = _parse_reset_value(d.pop("reset_value"))

        pending_restart = d.pop("pending_restart")

        def _parse_pending_value(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        pending_value = _parse_pending_value(d.pop("pending_value"))

        overrides = []
        _overrides = d.pop("overrides")
        for overrides_item_data in _overrides:
            overrides_item = OverrideView.from_dict(overrides_item_data)

            overrides.append(overrides_item)

        category = d.pop("category")

        description = d.pop("description")

        def _parse_warning(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        warning = _parse_warning(d.pop("warning"))

        def _parse_reserved(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reserved = _parse_reserved(d.pop("reserved"))

        withheld = d.pop("withheld")

        setting_view = cls(
            name=name,
            value=value,
            shown=shown,
            unit=unit,
            type_=type_,
            min_value=min_value,
            max_value=max_value,
            choices=choices,
            context=context,
            source=source,
            boot_value=boot_value,
            reset_value=reset_value,
            pending_restart=pending_restart,
            pending_value=pending_value,
            overrides=overrides,
            category=category,
            description=description,
            warning=warning,
            reserved=reserved,
            withheld=withheld,
        )

        setting_view.additional_properties = d
        return setting_view

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
