from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.verify_wish import VerifyWish
from ..types import UNSET, Unset

T = TypeVar("T", bound="VerifyRule")


@_attrs_define
class VerifyRule:
    weekly: VerifyWish | Unset = UNSET
    every: VerifyWish | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        weekly: str | Unset = UNSET
        if not isinstance(self.weekly, Unset):
            weekly = self.weekly.value

        every: str | Unset = UNSET
        if not isinstance(self.every, Unset):
            every = self.every.value

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if weekly is not UNSET:
            field_dict["weekly"] = weekly
        if every is not UNSET:
            field_dict["every"] = every

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _weekly = d.pop("weekly", UNSET)
        weekly: VerifyWish | Unset
        if isinstance(_weekly, Unset):
            weekly = UNSET
        else:
            weekly = VerifyWish(_weekly)

        _every = d.pop("every", UNSET)
        every: VerifyWish | Unset
        if isinstance(_every, Unset):
            every = UNSET
        else:
            every = VerifyWish(_every)

        verify_rule = cls(
            weekly=weekly,
            every=every,
        )

        return verify_rule
