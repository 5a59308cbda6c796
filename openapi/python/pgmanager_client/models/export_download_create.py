from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ExportDownloadCreate")


@_attrs_define
class ExportDownloadCreate:
    expires_seconds: int | Unset = 900

    def to_dict(self) -> dict[str, Any]:
        expires_seconds = self.expires_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if expires_seconds is not UNSET:
            field_dict["expires_seconds"] = expires_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        expires_seconds = d.pop("expires_seconds", UNSET)

        export_download_create = cls(
            expires_seconds=expires_seconds,
        )

        return export_download_create
