from __future__ import annotations

from collections.abc import Mapping
from typing import (
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..models.on_rows import OnRows
from ..types import UNSET, Unset

T = TypeVar("T", bound="IntoRows")


@_attrs_define
class IntoRows:
    """Rows alone, into tables that are there, all in one transaction. Goes with parts `data`."""

    kind: Literal["rows"]
    database_id: None | str | Unset = UNSET
    """ The one that was backed up when not given. """
    logical_database: None | str | Unset = UNSET
    """ The one that was backed up when not given. Must exist. """
    on_rows: OnRows | Unset = UNSET
    """ What becomes of rows that are there before those of the backup. """

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        database_id: None | str | Unset
        if isinstance(self.database_id, Unset):
            database_id = UNSET
        else:
            database_id = self.database_id

        logical_database: None | str | Unset
        if isinstance(self.logical_database, Unset):
            logical_database = UNSET
        else:
            logical_database = self.logical_database

        on_rows: str | Unset = UNSET
        if not isinstance(self.on_rows, Unset):
            on_rows = self.on_rows.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
            }
        )
        if database_id is not UNSET:
            field_dict["database_id"] = database_id
        if logical_database is not UNSET:
            field_dict["logical_database"] = logical_database
        if on_rows is not UNSET:
            field_dict["on_rows"] = on_rows

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = cast(Literal["rows"], d.pop("kind"))
        if kind != "rows":
            raise ValueError(f"kind must match const 'rows', got '{kind}'")

        def _parse_database_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        database_id = _parse_database_id(d.pop("database_id", UNSET))

        def _parse_logical_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_database = _parse_logical_database(d.pop("logical_database", UNSET))

        _on_rows = d.pop("on_rows", UNSET)
        on_rows: OnRows | Unset
        if isinstance(_on_rows, Unset):
            on_rows = UNSET
        else:
            on_rows = OnRows(_on_rows)

        into_rows = cls(
            kind=kind,
            database_id=database_id,
            logical_database=logical_database,
            on_rows=on_rows,
        )

        return into_rows
