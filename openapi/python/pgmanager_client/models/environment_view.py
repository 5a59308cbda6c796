from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.environment_kind import EnvironmentKind

T = TypeVar("T", bound="EnvironmentView")


@_attrs_define
class EnvironmentView:
    id: str
    project_id: str
    name: str
    kind: EnvironmentKind
    connection_id: None | str
    """ The token by which the environment at Railway is reached that this one stands for; null: it stands for none.
    """
    railway_project_id: None | str
    railway_environment_id: None | str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        project_id = self.project_id

        name = self.name

        kind = self.kind.value

        connection_id: None | str
        connection_id = self.connection_id

        railway_project_id: None | str
        railway_project_id = self.railway_project_id

        railway_environment_id: None | str
        railway_environment_id = self.railway_environment_id

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "project_id": project_id,
                "name": name,
                "kind": kind,
                "connection_id": connection_id,
                "railway_project_id": railway_project_id,
                "railway_environment_id": railway_environment_id,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        project_id = d.pop("project_id")

        name = d.pop("name")

        kind = EnvironmentKind(d.pop("kind"))

        def _parse_connection_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        connection_id = _parse_connection_id(d.pop("connection_id"))

        def _parse_railway_project_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        railway_project_id = _parse_railway_project_id(d.pop("railway_project_id"))

        def _parse_railway_environment_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        railway_environment_id = _parse_railway_environment_id(d.pop("railway_environment_id"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        environment_view = cls(
            id=id,
            project_id=project_id,
            name=name,
            kind=kind,
            connection_id=connection_id,
            railway_project_id=railway_project_id,
            railway_environment_id=railway_environment_id,
            created_at=created_at,
        )

        environment_view.additional_properties = d
        return environment_view

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
