from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.privilege_counts_having import PrivilegeCountsHaving


T = TypeVar("T", bound="PrivilegeCounts")


@_attrs_define
class PrivilegeCounts:
    total: int
    having: PrivilegeCountsHaving
    """ On how many of them, by privilege. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        total = self.total

        having = self.having.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "total": total,
                "having": having,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.privilege_counts_having import PrivilegeCountsHaving  # noqa: PLC0415

        d = dict(src_dict)
        total = d.pop("total")

        having = PrivilegeCountsHaving.from_dict(d.pop("having"))

        privilege_counts = cls(
            total=total,
            having=having,
        )

        privilege_counts.additional_properties = d
        return privilege_counts

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
