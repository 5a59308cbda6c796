from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

T = TypeVar("T", bound="InPlace")


@_attrs_define
class InPlace:
    """Instead of the logical database that was backed up, which stays beside under another name until confirmed."""

    kind: Literal["in_place"]

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = cast(Literal["in_place"], d.pop("kind"))
        if kind != "in_place":
            raise ValueError(f"kind must match const 'in_place', got '{kind}'")

        in_place = cls(
            kind=kind,
        )

        return in_place
