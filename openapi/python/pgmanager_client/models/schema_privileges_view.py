from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.privilege_counts import PrivilegeCounts


T = TypeVar("T", bound="SchemaPrivilegesView")


@_attrs_define
class SchemaPrivilegesView:
    name: str
    owner: str
    privileges: list[str]
    tables: PrivilegeCounts
    sequences: PrivilegeCounts
    functions: PrivilegeCounts
    columns: int
    """ Columns with privileges of their own that concern the role. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        owner = self.owner

        privileges = self.privileges

        tables = self.tables.to_dict()

        sequences = self.sequences.to_dict()

        functions = self.functions.to_dict()

        columns = self.columns

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "owner": owner,
                "privileges": privileges,
                "tables": tables,
                "sequences": sequences,
                "functions": functions,
                "columns": columns,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.privilege_counts import PrivilegeCounts  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        owner = d.pop("owner")

        privileges = cast(list[str], d.pop("privileges"))

        tables = PrivilegeCounts.from_dict(d.pop("tables"))

        sequences = PrivilegeCounts.from_dict(d.pop("sequences"))

        functions = PrivilegeCounts.from_dict(d.pop("functions"))

        columns = d.pop("columns")

        schema_privileges_view = cls(
            name=name,
            owner=owner,
            privileges=privileges,
            tables=tables,
            sequences=sequences,
            functions=functions,
            columns=columns,
        )

        schema_privileges_view.additional_properties = d
        return schema_privileges_view

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
