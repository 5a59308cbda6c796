from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ChangeUndo")


@_attrs_define
class ChangeUndo:
    allow_restart: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        allow_restart = self.allow_restart

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if allow_restart is not UNSET:
            field_dict["allow_restart"] = allow_restart

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        allow_restart = d.pop("allow_restart", UNSET)

        change_undo = cls(
            allow_restart=allow_restart,
        )

        return change_undo
