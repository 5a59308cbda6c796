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

T = TypeVar("T", bound="IntoTables")


@_attrs_define
class IntoTables:
    """Selected tables, with what they need, into a new schema. Nothing outside that schema is touched."""

    kind: Literal["tables"]
    database_id: None | str | Unset = UNSET
    """ The one that was backed up when not given. """
    logical_database: None | str | Unset = UNSET
    """ The one that was backed up when not given. Must exist. """
    into_schema: None | str | Unset = UNSET
    """ Must be free in the logical database. `restored_` and an id when not given. """

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

        into_schema: None | str | Unset
        if isinstance(self.into_schema, Unset):
            into_schema = UNSET
        else:
            into_schema = self.into_schema

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
        if into_schema is not UNSET:
            field_dict["into_schema"] = into_schema

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = cast(Literal["tables"], d.pop("kind"))
        if kind != "tables":
            raise ValueError(f"kind must match const 'tables', got '{kind}'")

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

        def _parse_into_schema(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        into_schema = _parse_into_schema(d.pop("into_schema", UNSET))

        into_tables = cls(
            kind=kind,
            database_id=database_id,
            logical_database=logical_database,
            into_schema=into_schema,
        )

        return into_tables
