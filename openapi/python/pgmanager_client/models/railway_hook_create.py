from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

T = TypeVar("T", bound="RailwayHookCreate")


@_attrs_define
class RailwayHookCreate:
    """Railway's notifications: what they are about is read from Railway at once instead of within the minute."""

    name: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    kind: Literal["railway"]
    environment_id: str
    """ One that is linked to an environment at Railway. """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        kind = self.kind

        environment_id = self.environment_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "kind": kind,
                "environment_id": environment_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        kind = cast(Literal["railway"], d.pop("kind"))
        if kind != "railway":
            raise ValueError(f"kind must match const 'railway', got '{kind}'")

        environment_id = d.pop("environment_id")

        railway_hook_create = cls(
            name=name,
            kind=kind,
            environment_id=environment_id,
        )

        return railway_hook_create
