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

T = TypeVar("T", bound="FromObject")


@_attrs_define
class FromObject:
    """An object that lies in one of the project's locations."""

    kind: Literal["object"]
    key: str
    """ Relative to the location's prefix. """
    location_id: None | str | Unset = UNSET
    """ Where the file is to be kept, when null. """

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        key = self.key

        location_id: None | str | Unset
        if isinstance(self.location_id, Unset):
            location_id = UNSET
        else:
            location_id = self.location_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "key": key,
            }
        )
        if location_id is not UNSET:
            field_dict["location_id"] = location_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = cast(Literal["object"], d.pop("kind"))
        if kind != "object":
            raise ValueError(f"kind must match const 'object', got '{kind}'")

        key = d.pop("key")

        def _parse_location_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        location_id = _parse_location_id(d.pop("location_id", UNSET))

        from_object = cls(
            kind=kind,
            key=key,
            location_id=location_id,
        )

        return from_object
