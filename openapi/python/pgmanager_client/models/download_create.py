from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.object_kind import ObjectKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="DownloadCreate")


@_attrs_define
class DownloadCreate:
    object_: ObjectKind | Unset = UNSET
    location_id: None | str | Unset = UNSET
    """ The first location with a good copy when null. """
    expires_seconds: int | Unset = 900

    def to_dict(self) -> dict[str, Any]:
        object_: str | Unset = UNSET
        if not isinstance(self.object_, Unset):
            object_ = self.object_.value

        location_id: None | str | Unset
        if isinstance(self.location_id, Unset):
            location_id = UNSET
        else:
            location_id = self.location_id

        expires_seconds = self.expires_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if object_ is not UNSET:
            field_dict["object"] = object_
        if location_id is not UNSET:
            field_dict["location_id"] = location_id
        if expires_seconds is not UNSET:
            field_dict["expires_seconds"] = expires_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _object_ = d.pop("object", UNSET)
        object_: ObjectKind | Unset
        if isinstance(_object_, Unset):
            object_ = UNSET
        else:
            object_ = ObjectKind(_object_)

        def _parse_location_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        location_id = _parse_location_id(d.pop("location_id", UNSET))

        expires_seconds = d.pop("expires_seconds", UNSET)

        download_create = cls(
            object_=object_,
            location_id=location_id,
            expires_seconds=expires_seconds,
        )

        return download_create
