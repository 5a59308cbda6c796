from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="RetentionRule")


@_attrs_define
class RetentionRule:
    """Generations are exclusive: a copy that is kept as a daily one is no weekly one. Weeks are those of ISO 8601."""

    daily: int | Unset = 7
    weekly: int | Unset = 4
    monthly: int | Unset = 12

    def to_dict(self) -> dict[str, Any]:
        daily = self.daily

        weekly = self.weekly

        monthly = self.monthly

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if daily is not UNSET:
            field_dict["daily"] = daily
        if weekly is not UNSET:
            field_dict["weekly"] = weekly
        if monthly is not UNSET:
            field_dict["monthly"] = monthly

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        daily = d.pop("daily", UNSET)

        weekly = d.pop("weekly", UNSET)

        monthly = d.pop("monthly", UNSET)

        retention_rule = cls(
            daily=daily,
            weekly=weekly,
            monthly=monthly,
        )

        return retention_rule
