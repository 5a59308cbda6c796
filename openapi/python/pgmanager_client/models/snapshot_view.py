from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.snapshot_origin import SnapshotOrigin

T = TypeVar("T", bound="SnapshotView")


@_attrs_define
class SnapshotView:
    """One of Railway's own copies of the volume. It tells of no state: what is in the list is complete."""

    id: str
    """ Railway's. """
    name: None | str
    origin: SnapshotOrigin
    created_at: datetime.datetime
    expires_at: datetime.datetime | None
    """ Null: it stays until it is deleted. """
    used_mb: int | None
    """ What only this snapshot holds, and is billed. Railway counts it every few hours. """
    referenced_mb: int | None
    """ What it refers to in all. """
    volume_size_mb: int | None
    """ Of the volume when it was taken. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        name: None | str
        name = self.name

        origin = self.origin.value

        created_at = self.created_at.isoformat()

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        used_mb: int | None
        used_mb = self.used_mb

        referenced_mb: int | None
        referenced_mb = self.referenced_mb

        volume_size_mb: int | None
        volume_size_mb = self.volume_size_mb

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "origin": origin,
                "created_at": created_at,
                "expires_at": expires_at,
                "used_mb": used_mb,
                "referenced_mb": referenced_mb,
                "volume_size_mb": volume_size_mb,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        def _parse_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        name = _parse_name(d.pop("name"))

        origin = SnapshotOrigin(d.pop("origin"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

        def _parse_used_mb(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        used_mb = _parse_used_mb(d.pop("used_mb"))

        def _parse_referenced_mb(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        referenced_mb = _parse_referenced_mb(d.pop("referenced_mb"))

        def _parse_volume_size_mb(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        volume_size_mb = _parse_volume_size_mb(d.pop("volume_size_mb"))

        snapshot_view = cls(
            id=id,
            name=name,
            origin=origin,
            created_at=created_at,
            expires_at=expires_at,
            used_mb=used_mb,
            referenced_mb=referenced_mb,
            volume_size_mb=volume_size_mb,
        )

        snapshot_view.additional_properties = d
        return snapshot_view

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
