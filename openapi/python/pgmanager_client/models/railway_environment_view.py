from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RailwayEnvironmentView")


@_attrs_define
class RailwayEnvironmentView:
    id: str
    """ An id of Railway's, as it writes it. """
    name: str
    can_access: bool
    """ False: restricted to others, and nothing in it can be read. """
    is_ephemeral: bool
    """ Of a pull request: Railway deletes it by itself. """
    linked_to: list[str]
    """ Environments of yours that stand for it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name = self.name

        can_access = self.can_access

        is_ephemeral = self.is_ephemeral

        linked_to = self.linked_to

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "can_access": can_access,
                "is_ephemeral": is_ephemeral,
                "linked_to": linked_to,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        name = d.pop("name")

        can_access = d.pop("can_access")

        is_ephemeral = d.pop("is_ephemeral")

        linked_to = cast(list[str], d.pop("linked_to"))

        railway_environment_view = cls(
            id=id,
            name=name,
            can_access=can_access,
            is_ephemeral=is_ephemeral,
            linked_to=linked_to,
        )

        railway_environment_view.additional_properties = d
        return railway_environment_view

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
