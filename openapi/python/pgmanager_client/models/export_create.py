from __future__ import annotations

from collections.abc import Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    TypeVar,
    cast,
)

from attrs import define as _attrs_define

from ..models.encryption import Encryption
from ..models.parts import Parts
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.table_name import TableName


T = TypeVar("T", bound="ExportCreate")


@_attrs_define
class ExportCreate:
    format_: Literal["plain"] | Unset = "plain"
    """ SQL, as psql reads it. """
    gzip: bool | Unset = True
    """ Compress it. """
    parts: Parts | Unset = UNSET
    tables: list[TableName] | None | Unset = UNSET
    """ Only these, with what they need and what belongs to them. All when not given. """
    no_owner: bool | Unset = False
    """ Leave out owners and grants, for loading under another login. """
    encryption: Encryption | Unset = UNSET
    location_id: None | str | Unset = UNSET
    """ Where it is put; one that has a copy of the backup. The first of these by default. """
    keep_days: int | Unset = 7
    """ It is deleted that long after it was made. """

    def to_dict(self) -> dict[str, Any]:
        format_ = self.format_

        gzip = self.gzip

        parts: str | Unset = UNSET
        if not isinstance(self.parts, Unset):
            parts = self.parts.value

        tables: list[dict[str, Any]] | None | Unset
        if isinstance(self.tables, Unset):
            tables = UNSET
        elif isinstance(self.tables, list):
            tables = []
            for tables_type_0_item_data in self.tables:
                tables_type_0_item = tables_type_0_item_data.to_dict()
                tables.append(tables_type_0_item)

        else:
            tables = self.tables

        no_owner = self.no_owner

        encryption: str | Unset = UNSET
        if not isinstance(self.encryption, Unset):
            encryption = self.encryption.value

        location_id: None | str | Unset
        if isinstance(self.location_id, Unset):
            location_id = UNSET
        else:
            location_id = self.location_id

        keep_days = self.keep_days

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if format_ is not UNSET:
            field_dict["format"] = format_
        if gzip is not UNSET:
            field_dict["gzip"] = gzip
        if parts is not UNSET:
            field_dict["parts"] = parts
        if tables is not UNSET:
            field_dict["tables"] = tables
        if no_owner is not UNSET:
            field_dict["no_owner"] = no_owner
        if encryption is not UNSET:
            field_dict["encryption"] = encryption
        if location_id is not UNSET:
            field_dict["location_id"] = location_id
        if keep_days is not UNSET:
            field_dict["keep_days"] = keep_days

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.table_name import TableName  # noqa: PLC0415

        d = dict(src_dict)
        format_ = cast(Literal["plain"] | Unset, d.pop("format", UNSET))
        if format_ != "plain" and not isinstance(format_, Unset):
            raise ValueError(f"format must match const 'plain', got '{format_}'")

        gzip = d.pop("gzip", UNSET)

        _parts = d.pop("parts", UNSET)
        parts: Parts | Unset
        if isinstance(_parts, Unset):
            parts = UNSET
        else:
            parts = Parts(_parts)

        def _parse_tables(data: object) -> list[TableName] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tables_type_0 = []
                _tables_type_0 = data
                for tables_type_0_item_data in _tables_type_0:
                    tables_type_0_item = TableName.from_dict(tables_type_0_item_data)

                    tables_type_0.append(tables_type_0_item)

                return tables_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[TableName] | None | Unset, data)

        tables = _parse_tables(d.pop("tables", UNSET))

        no_owner = d.pop("no_owner", UNSET)

        _encryption = d.pop("encryption", UNSET)
        encryption: Encryption | Unset
        if isinstance(_encryption, Unset):
            encryption = UNSET
        else:
            encryption = Encryption(_encryption)

        def _parse_location_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        location_id = _parse_location_id(d.pop("location_id", UNSET))

        keep_days = d.pop("keep_days", UNSET)

        export_create = cls(
            format_=format_,
            gzip=gzip,
            parts=parts,
            tables=tables,
            no_owner=no_owner,
            encryption=encryption,
            location_id=location_id,
            keep_days=keep_days,
        )

        return export_create
