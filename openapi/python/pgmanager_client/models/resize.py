from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Resize")


@_attrs_define
class Resize:
    volume_size_mb: int
    """ More than the volume has: it only grows. """

    def to_dict(self) -> dict[str, Any]:
        volume_size_mb = self.volume_size_mb

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "volume_size_mb": volume_size_mb,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        volume_size_mb = d.pop("volume_size_mb")

        resize = cls(
            volume_size_mb=volume_size_mb,
        )

        return resize
