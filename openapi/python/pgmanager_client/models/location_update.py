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

T = TypeVar("T", bound="LocationUpdate")


@_attrs_define
class LocationUpdate:
    """Members that are absent or null stay as they are. Where a location is cannot change: copies lie there.

    Nor can encryption and lock of what is written there, which is why an old backup and a new one do not differ in
    them.

    """

    name: None | str | Unset = UNSET
    is_default: bool | None | Unset = UNSET
    access_key_id: None | str | Unset = UNSET
    secret_access_key: None | str | Unset = UNSET
    max_parts: int | None | Unset = UNSET
    max_upload_bytes_per_second: int | Literal[0] | None | Unset = UNSET
    """ 0: no limit any more. """

    def to_dict(self) -> dict[str, Any]:
        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        is_default: bool | None | Unset
        if isinstance(self.is_default, Unset):
            is_default = UNSET
        else:
            is_default = self.is_default

        access_key_id: None | str | Unset
        if isinstance(self.access_key_id, Unset):
            access_key_id = UNSET
        else:
            access_key_id = self.access_key_id

        secret_access_key: None | str | Unset
        if isinstance(self.secret_access_key, Unset):
            secret_access_key = UNSET
        else:
            secret_access_key = self.secret_access_key

        max_parts: int | None | Unset
        if isinstance(self.max_parts, Unset):
            max_parts = UNSET
        else:
            max_parts = self.max_parts

        max_upload_bytes_per_second: int | Literal[0] | None | Unset
        if isinstance(self.max_upload_bytes_per_second, Unset):
            max_upload_bytes_per_second = UNSET
        else:
            max_upload_bytes_per_second = self.max_upload_bytes_per_second

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if is_default is not UNSET:
            field_dict["is_default"] = is_default
        if access_key_id is not UNSET:
            field_dict["access_key_id"] = access_key_id
        if secret_access_key is not UNSET:
            field_dict["secret_access_key"] = secret_access_key
        if max_parts is not UNSET:
            field_dict["max_parts"] = max_parts
        if max_upload_bytes_per_second is not UNSET:
            field_dict["max_upload_bytes_per_second"] = max_upload_bytes_per_second

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_is_default(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_default = _parse_is_default(d.pop("is_default", UNSET))

        def _parse_access_key_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        access_key_id = _parse_access_key_id(d.pop("access_key_id", UNSET))

        def _parse_secret_access_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        secret_access_key = _parse_secret_access_key(d.pop("secret_access_key", UNSET))

        def _parse_max_parts(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_parts = _parse_max_parts(d.pop("max_parts", UNSET))

        def _parse_max_upload_bytes_per_second(data: object) -> int | Literal[0] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            max_upload_bytes_per_second_type_0 = cast(Literal[0], data)
            if max_upload_bytes_per_second_type_0 != 0:
                raise ValueError(
                    f"max_upload_bytes_per_second_type_0 must match const 0, got '{max_upload_bytes_per_second_type_0}'"
                )
            return max_upload_bytes_per_second_type_0
            return cast(int | Literal[0] | None | Unset, data)

        max_upload_bytes_per_second = _parse_max_upload_bytes_per_second(d.pop("max_upload_bytes_per_second", UNSET))

        location_update = cls(
            name=name,
            is_default=is_default,
            access_key_id=access_key_id,
            secret_access_key=secret_access_key,
            max_parts=max_parts,
            max_upload_bytes_per_second=max_upload_bytes_per_second,
        )

        return location_update
