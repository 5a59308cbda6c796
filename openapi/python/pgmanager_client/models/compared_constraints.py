from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ComparedConstraints")


@_attrs_define
class ComparedConstraints:
    """`not_valid` ones were never checked against the rows; the same ones must be so after a restore."""

    expected: int
    found: int
    not_valid_expected: list[str]
    not_valid_found: list[str]
    equal: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        expected = self.expected

        found = self.found

        not_valid_expected = self.not_valid_expected

        not_valid_found = self.not_valid_found

        equal = self.equal

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "expected": expected,
                "found": found,
                "not_valid_expected": not_valid_expected,
                "not_valid_found": not_valid_found,
                "equal": equal,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        expected = d.pop("expected")

        found = d.pop("found")

        not_valid_expected = cast(list[str], d.pop("not_valid_expected"))

        not_valid_found = cast(list[str], d.pop("not_valid_found"))

        equal = d.pop("equal")

        compared_constraints = cls(
            expected=expected,
            found=found,
            not_valid_expected=not_valid_expected,
            not_valid_found=not_valid_found,
            equal=equal,
        )

        compared_constraints.additional_properties = d
        return compared_constraints

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
