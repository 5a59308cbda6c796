from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="FromUpload")


@_attrs_define
class FromUpload:
    """A file that the caller sends to the location in parts, by the addresses in the answer."""

    kind: Literal["upload"]
    size_bytes: int
    filename: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        size_bytes = self.size_bytes

        filename: None | str | Unset
        if isinstance(self.filename, Unset):
            filename = UNSET
        else:
            filename = self.filename

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "size_bytes": size_bytes,
            }
        )
        if filename is not UNSET:
            field_dict["filename"] = filename

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = cast(Literal["upload"], d.pop("kind"))
        if kind != "upload":
            raise ValueError(f"kind must match const 'upload', got '{kind}'")

        size_bytes = d.pop("size_bytes")

        def _parse_filename(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        filename = _parse_filename(d.pop("filename", UNSET))

        from_upload = cls(
            kind=kind,
            size_bytes=size_bytes,
            filename=filename,
        )

        return from_upload
