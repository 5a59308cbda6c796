from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.endpoint_view import EndpointView


T = TypeVar("T", bound="ConnectionsView")


@_attrs_define
class ConnectionsView:
    """Where a database is entered, and by whom. Without any secret."""

    data: list[EndpointView]
    default_database: str
    default_role: str
    """ Whose login `connection-strings` gives unless another one is named. """
    roles: list[str]
    """ Logins that are on record here, whose strings can be had. """
    applications: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        data = []
        for data_item_data in self.data:
            data_item = data_item_data.to_dict()
            data.append(data_item)

        default_database = self.default_database

        default_role = self.default_role

        roles = self.roles

        applications = self.applications

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "data": data,
                "default_database": default_database,
                "default_role": default_role,
                "roles": roles,
                "applications": applications,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.endpoint_view import EndpointView  # noqa: PLC0415

        d = dict(src_dict)
        data = []
        _data = d.pop("data")
        for data_item_data in _data:
            data_item = EndpointView.from_dict(data_item_data)

            data.append(data_item)

        default_database = d.pop("default_database")

        default_role = d.pop("default_role")

        roles = cast(list[str], d.pop("roles"))

        applications = cast(list[str], d.pop("applications"))

        connections_view = cls(
            data=data,
            default_database=default_database,
            default_role=default_role,
            roles=roles,
            applications=applications,
        )

        connections_view.additional_properties = d
        return connections_view

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
