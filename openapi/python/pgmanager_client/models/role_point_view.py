from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.point_kind import PointKind

T = TypeVar("T", bound="RolePointView")


@_attrs_define
class RolePointView:
    """A privilege, membership, attribute or setting, or objects that should belong to the role."""

    logical_database: None | str
    """ Null: on the whole server. """
    kind: PointKind
    what: str
    schema: None | str
    owner: None | str
    """ Whose future, or present, objects are meant. """
    count: int
    objects: list[str]
    """ The first ten of them. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        logical_database: None | str
        logical_database = self.logical_database

        kind = self.kind.value

        what = self.what

        schema: None | str
        schema = self.schema

        owner: None | str
        owner = self.owner

        count = self.count

        objects = self.objects

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "logical_database": logical_database,
                "kind": kind,
                "what": what,
                "schema": schema,
                "owner": owner,
                "count": count,
                "objects": objects,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_logical_database(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        logical_database = _parse_logical_database(d.pop("logical_database"))

        kind = PointKind(d.pop("kind"))

        what = d.pop("what")

        def _parse_schema(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        schema = _parse_schema(d.pop("schema"))

        def _parse_owner(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        owner = _parse_owner(d.pop("owner"))

        count = d.pop("count")

        objects = cast(list[str], d.pop("objects"))

        role_point_view = cls(
            logical_database=logical_database,
            kind=kind,
            what=what,
            schema=schema,
            owner=owner,
            count=count,
            objects=objects,
        )

        role_point_view.additional_properties = d
        return role_point_view

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
