from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CountView")


@_attrs_define
class CountView:
    schema: str
    name: str
    expected: int | None
    """ Counted on the snapshot that was dumped; null when rows were not restored. """
    found: int | None
    """ Null where it is missing. """
    equal: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        schema = self.schema

        name = self.name

        expected: int | None
        expected = self.expected

        found: int | None
        found = self.found

        equal = self.equal

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "schema": schema,
                "name": name,
                "expected": expected,
                "found": found,
                "equal": equal,
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

        count_view = cls(
            schema=schema,
            name=name,
            expected=expected,
            found=found,
            equal=equal,
        )

        count_view.additional_properties = d
        return count_view

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
