from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.relation_name import RelationName


T = TypeVar("T", bound="DumpOptions")


@_attrs_define
class DumpOptions:
    schema_only: bool | Unset = False
    data_only: bool | Unset = False
    tables: list[RelationName] | Unset = UNSET
    exclude_tables: list[RelationName] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        schema_only = self.schema_only

        data_only = self.data_only

        tables: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.tables, Unset):
            tables = []
            for tables_item_data in self.tables:
                tables_item = tables_item_data.to_dict()
                tables.append(tables_item)

        exclude_tables: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.exclude_tables, Unset):
            exclude_tables = []
            for exclude_tables_item_data in self.exclude_tables:
                exclude_tables_item = exclude_tables_item_data.to_dict()
                exclude_tables.append(exclude_tables_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if schema_only is not UNSET:
            field_dict["schema_only"] = schema_only
        if data_only is not UNSET:
            field_dict["data_only"] = data_only
        if tables is not UNSET:
            field_dict["tables"] = tables
        if exclude_tables is not UNSET:
            field_dict["exclude_tables"] = exclude_tables

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.relation_name import RelationName  # noqa: PLC0415

        d = dict(src_dict)
        schema_only = d.pop("schema_only", UNSET)

        data_only = d.pop("data_only", UNSET)

        _tables = d.pop("tables", UNSET)
        tables: list[RelationName] | Unset = UNSET
        if _tables is not UNSET:
            tables = []
            for tables_item_data in _tables:
                tables_item = RelationName.from_dict(tables_item_data)

                tables.append(tables_item)

        _exclude_tables = d.pop("exclude_tables", UNSET)
        exclude_tables: list[RelationName] | Unset = UNSET
        if _exclude_tables is not UNSET:
            exclude_tables = []
            for exclude_tables_item_data in _exclude_tables:
                exclude_tables_item = RelationName.from_dict(exclude_tables_item_data)

                exclude_tables.append(exclude_tables_item)

        dump_options = cls(
            schema_only=schema_only,
            data_only=data_only,
            tables=tables,
            exclude_tables=exclude_tables,
        )

        dump_options.additional_properties = d
        return dump_options

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
