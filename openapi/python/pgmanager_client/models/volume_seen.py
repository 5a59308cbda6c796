from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="VolumeSeen")


@_attrs_define
class VolumeSeen:
    id: str
    """ An id of Railway's, as it writes it. """
    size_bytes: int
    used_bytes: int
    used_percent: float
    state: None | str
    region: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        size_bytes = self.size_bytes

        used_bytes = self.used_bytes

        used_percent = self.used_percent

        state: None | str
        state = self.state

        region: None | str
        region = self.region

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "size_bytes": size_bytes,
                "used_bytes": used_bytes,
                "used_percent": used_percent,
                "state": state,
                "region": region,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        size_bytes = d.pop("size_bytes")

        used_bytes = d.pop("used_bytes")

        used_percent = d.pop("used_percent")

        def _parse_state(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        state = _parse_state(d.pop("state"))

        def _parse_region(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        region = _parse_region(d.pop("region"))

        volume_seen = cls(
            id=id,
            size_bytes=size_bytes,
            used_bytes=used_bytes,
            used_percent=used_percent,
            state=state,
            region=region,
        )

        volume_seen.additional_properties = d
        return volume_seen

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
