from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ComparedContents")


@_attrs_define
class ComparedContents:
    """Of tables, and of 1: how much of the contents was compared beyond the counts, which are of all tables."""

    tables: int
    share_of_tables: float
    share_of_rows: float
    reason: None | str
    """ Why none were compared. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        tables = self.tables

        share_of_tables = self.share_of_tables

        share_of_rows = self.share_of_rows

        reason: None | str
        reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "tables": tables,
                "share_of_tables": share_of_tables,
                "share_of_rows": share_of_rows,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        tables = d.pop("tables")

        share_of_tables = d.pop("share_of_tables")

        share_of_rows = d.pop("share_of_rows")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        compared_contents = cls(
            tables=tables,
            share_of_tables=share_of_tables,
            share_of_rows=share_of_rows,
            reason=reason,
        )

        compared_contents.additional_properties = d
        return compared_contents

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
