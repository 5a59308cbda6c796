from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SnapshotScheduleEntry")


@_attrs_define
class SnapshotScheduleEntry:
    kind: str
    cron: str
    """ In UTC. Railway chooses the hour and the minute. """
    retention_seconds: int | None
    """ How long Railway keeps what comes of it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        cron = self.cron

        retention_seconds: int | None
        retention_seconds = self.retention_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "cron": cron,
                "retention_seconds": retention_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = d.pop("kind")

        cron = d.pop("cron")

        def _parse_retention_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        retention_seconds = _parse_retention_seconds(d.pop("retention_seconds"))

        snapshot_schedule_entry = cls(
            kind=kind,
            cron=cron,
            retention_seconds=retention_seconds,
        )

        snapshot_schedule_entry.additional_properties = d
        return snapshot_schedule_entry

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
