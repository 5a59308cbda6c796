from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.lock_mode import LockMode

T = TypeVar("T", bound="LockWish")


@_attrs_define
class LockWish:
    """How long every object is locked from when it is written. The store then refuses to delete it, whoever asks."""

    mode: LockMode
    days: int

    def to_dict(self) -> dict[str, Any]:
        mode = self.mode.value

        days = self.days

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "mode": mode,
                "days": days,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        mode = LockMode(d.pop("mode"))

        days = d.pop("days")

        lock_wish = cls(
            mode=mode,
            days=days,
        )

        return lock_wish
