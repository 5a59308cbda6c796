from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Resize")


@_attrs_define
class Resize:
    volume_size_mb: int
    """ More than the volume has: it only grows. """
    force: bool | Unset = False
    """ Also while changes that others have staged wait in the environment. Needs the scope `railway:force`. """

    def to_dict(self) -> dict[str, Any]:
        volume_size_mb = self.volume_size_mb

        force = self.force

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "volume_size_mb": volume_size_mb,
            }
        )
        if force is not UNSET:
            field_dict["force"] = force

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        volume_size_mb = d.pop("volume_size_mb")

        force = d.pop("force", UNSET)

        resize = cls(
            volume_size_mb=volume_size_mb,
            force=force,
        )

        return resize
