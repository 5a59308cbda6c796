from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.railway_environment_view import RailwayEnvironmentView


T = TypeVar("T", bound="RailwayEnvironmentsView")


@_attrs_define
class RailwayEnvironmentsView:
    """Read from Railway just now, whole."""

    data: list[RailwayEnvironmentView]
    taken_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        data = []
        for data_item_data in self.data:
            data_item = data_item_data.to_dict()
            data.append(data_item)

        taken_at = self.taken_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "data": data,
                "taken_at": taken_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.railway_environment_view import RailwayEnvironmentView  # noqa: PLC0415

        d = dict(src_dict)
        data = []
        _data = d.pop("data")
        for data_item_data in _data:
            data_item = RailwayEnvironmentView.from_dict(data_item_data)

            data.append(data_item)

        taken_at = datetime.datetime.fromisoformat(d.pop("taken_at"))

        railway_environments_view = cls(
            data=data,
            taken_at=taken_at,
        )

        railway_environments_view.additional_properties = d
        return railway_environments_view

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
