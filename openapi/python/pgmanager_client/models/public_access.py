from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PublicAccess")


@_attrs_define
class PublicAccess:
    enabled: bool
    force: bool | Unset = False
    """ Also while changes that others have staged wait in the environment. Needs the scope `railway:force`. """

    def to_dict(self) -> dict[str, Any]:
        enabled = self.enabled

        force = self.force

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "enabled": enabled,
            }
        )
        if force is not UNSET:
            field_dict["force"] = force

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        enabled = d.pop("enabled")

        force = d.pop("force", UNSET)

        public_access = cls(
            enabled=enabled,
            force=force,
        )

        return public_access
