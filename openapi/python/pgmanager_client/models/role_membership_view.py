from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RoleMembershipView")


@_attrs_define
class RoleMembershipView:
    role: str
    is_inherited: bool
    """ False: only after SET ROLE. """
    is_direct: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        role = self.role

        is_inherited = self.is_inherited

        is_direct = self.is_direct

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "role": role,
                "is_inherited": is_inherited,
                "is_direct": is_direct,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        role = d.pop("role")

        is_inherited = d.pop("is_inherited")

        is_direct = d.pop("is_direct")

        role_membership_view = cls(
            role=role,
            is_inherited=is_inherited,
            is_direct=is_direct,
        )

        role_membership_view.additional_properties = d
        return role_membership_view

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
