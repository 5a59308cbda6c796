from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ComparedTable")


@_attrs_define
class ComparedTable:
    schema: str
    name: str
    expected: int | None
    """ Counted on the snapshot that was dumped; null when it was not. """
    found: int | None
    """ Null where it is missing. """
    equal: bool
    same_content: bool | None
    """ Whether the fingerprints of its rows are equal; null when they were not compared. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        schema = self.schema

        name = self.name

        expected: int | None
        expected = self.expected

        found: int | None
        found = self.found

        equal = self.equal

        same_content: bool | None
        same_content = self.same_content

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "schema": schema,
                "name": name,
                "expected": expected,
                "found": found,
                "equal": equal,
                "same_content": same_content,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        schema = d.pop("schema")

        name = d.pop("name")

        def _parse_expected(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        expected = _parse_expected(d.pop("expected"))

        def _parse_found(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        found = _parse_found(d.pop("found"))

        equal = d.pop("equal")

        def _parse_same_content(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        same_content = _parse_same_content(d.pop("same_content"))

        compared_table = cls(
            schema=schema,
            name=name,
            expected=expected,
            found=found,
            equal=equal,
            same_content=same_content,
        )

        compared_table.additional_properties = d
        return compared_table

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
