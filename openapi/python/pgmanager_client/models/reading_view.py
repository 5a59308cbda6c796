from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.method import Method

T = TypeVar("T", bound="ReadingView")


@_attrs_define
class ReadingView:
    method: Method
    readers: int
    """ How many parts are read at once. """
    bytes_needed: int
    """ Of the archive: its table of contents, and the rows that are wanted. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        method = self.method.value

        readers = self.readers

        bytes_needed = self.bytes_needed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "method": method,
                "readers": readers,
                "bytes_needed": bytes_needed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        method = Method(d.pop("method"))

        readers = d.pop("readers")

        bytes_needed = d.pop("bytes_needed")

        reading_view = cls(
            method=method,
            readers=readers,
            bytes_needed=bytes_needed,
        )

        reading_view.additional_properties = d
        return reading_view

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
