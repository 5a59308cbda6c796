from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="UploadedPart")


@_attrs_define
class UploadedPart:
    number: int
    etag: str

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        etag = self.etag

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "number": number,
                "etag": etag,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        number = d.pop("number")

        etag = d.pop("etag")

        uploaded_part = cls(
            number=number,
            etag=etag,
        )

        return uploaded_part
