from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FuturePrivilegesView")


@_attrs_define
class FuturePrivilegesView:
    owner: str
    """ On what this role makes from now on. """
    schema: None | str
    kind: str
    to: str
    """ The role, `PUBLIC`, or what the role inherits. """
    privileges: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        owner = self.owner

        schema: None | str
        schema = self.schema

        kind = self.kind

        to = self.to

        privileges = self.privileges

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "owner": owner,
                "schema": schema,
                "kind": kind,
                "to": to,
                "privileges": privileges,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        owner = d.pop("owner")

        def _parse_schema(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        schema = _parse_schema(d.pop("schema"))

        kind = d.pop("kind")

        to = d.pop("to")

        privileges = cast(list[str], d.pop("privileges"))

        future_privileges_view = cls(
            owner=owner,
            schema=schema,
            kind=kind,
            to=to,
            privileges=privileges,
        )

        future_privileges_view.additional_properties = d
        return future_privileges_view

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
