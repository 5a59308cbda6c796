from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="LogicalDatabaseView")


@_attrs_define
class LogicalDatabaseView:
    name: str
    owner: str
    encoding: str
    collation: str
    size_bytes: int | None
    """ Null where our login may not connect. """
    connection_limit: int | None
    """ Null: as many as the server takes. """
    comment: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        owner = self.owner

        encoding = self.encoding

        collation = self.collation

        size_bytes: int | None
        size_bytes = self.size_bytes

        connection_limit: int | None
        connection_limit = self.connection_limit

        comment: None | str
        comment = self.comment

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "owner": owner,
                "encoding": encoding,
                "collation": collation,
                "size_bytes": size_bytes,
                "connection_limit": connection_limit,
                "comment": comment,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        owner = d.pop("owner")

        encoding = d.pop("encoding")

        collation = d.pop("collation")

        def _parse_size_bytes(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        size_bytes = _parse_size_bytes(d.pop("size_bytes"))

        def _parse_connection_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        connection_limit = _parse_connection_limit(d.pop("connection_limit"))

        def _parse_comment(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        comment = _parse_comment(d.pop("comment"))

        logical_database_view = cls(
            name=name,
            owner=owner,
            encoding=encoding,
            collation=collation,
            size_bytes=size_bytes,
            connection_limit=connection_limit,
            comment=comment,
        )

        logical_database_view.additional_properties = d
        return logical_database_view

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
