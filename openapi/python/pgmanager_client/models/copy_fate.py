from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CopyFate")


@_attrs_define
class CopyFate:
    backup_id: str
    logical_database: str
    taken_at: datetime.datetime
    tier: None | str
    because: list[str]
    """ Why it is kept; empty when nothing keeps it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        backup_id = self.backup_id

        logical_database = self.logical_database

        taken_at = self.taken_at.isoformat()

        tier: None | str
        tier = self.tier

        because = self.because

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "backup_id": backup_id,
                "logical_database": logical_database,
                "taken_at": taken_at,
                "tier": tier,
                "because": because,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        backup_id = d.pop("backup_id")

        logical_database = d.pop("logical_database")

        taken_at = datetime.datetime.fromisoformat(d.pop("taken_at"))

        def _parse_tier(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tier = _parse_tier(d.pop("tier"))

        because = cast(list[str], d.pop("because"))

        copy_fate = cls(
            backup_id=backup_id,
            logical_database=logical_database,
            taken_at=taken_at,
            tier=tier,
            because=because,
        )

        copy_fate.additional_properties = d
        return copy_fate

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
