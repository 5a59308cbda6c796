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

T = TypeVar("T", bound="IntoLogicalDatabase")


@_attrs_define
class IntoLogicalDatabase:
    """A new logical database on a server that exists."""

    kind: Literal["logical_database"]
    name: str
    """ Must be free on the server. """
    database_id: None | str | Unset = UNSET
    """ The one that was backed up when not given. """

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        name = self.name

        database_id: None | str | Unset
        if isinstance(self.database_id, Unset):
            database_id = UNSET
        else:
            database_id = self.database_id

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "name": name,
            }
        )
        if database_id is not UNSET:
            field_dict["database_id"] = database_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = cast(Literal["logical_database"], d.pop("kind"))
        if kind != "logical_database":
            raise ValueError(f"kind must match const 'logical_database', got '{kind}'")

        name = d.pop("name")

        def _parse_database_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        database_id = _parse_database_id(d.pop("database_id", UNSET))

        into_logical_database = cls(
            kind=kind,
            name=name,
            database_id=database_id,
        )

        return into_logical_database
