from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.location_fate import LocationFate
    from ..models.next_runs import NextRuns


T = TypeVar("T", bound="PolicyPreviewView")


@_attrs_define
class PolicyPreviewView:
    schedules: list[NextRuns]
    locations: list[LocationFate]
    token: None | str
    """ Releases what is blocked, and nothing else. Null when nothing is. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        schedules = []
        for schedules_item_data in self.schedules:
            schedules_item = schedules_item_data.to_dict()
            schedules.append(schedules_item)

        locations = []
        for locations_item_data in self.locations:
            locations_item = locations_item_data.to_dict()
            locations.append(locations_item)

        token: None | str
        token = self.token

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "schedules": schedules,
                "locations": locations,
                "token": token,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.location_fate import LocationFate  # noqa: PLC0415
        from ..models.next_runs import NextRuns  # noqa: PLC0415

        d = dict(src_dict)
        schedules = []
        _schedules = d.pop("schedules")
        for schedules_item_data in _schedules:
            schedules_item = NextRuns.from_dict(schedules_item_data)

            schedules.append(schedules_item)

        locations = []
        _locations = d.pop("locations")
        for locations_item_data in _locations:
            locations_item = LocationFate.from_dict(locations_item_data)

            locations.append(locations_item)

        def _parse_token(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        token = _parse_token(d.pop("token"))

        policy_preview_view = cls(
            schedules=schedules,
            locations=locations,
            token=token,
        )

        policy_preview_view.additional_properties = d
        return policy_preview_view

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
