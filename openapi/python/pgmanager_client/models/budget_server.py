from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.budget_sessions import BudgetSessions


T = TypeVar("T", bound="BudgetServer")


@_attrs_define
class BudgetServer:
    max_connections: int
    reserved: int
    """ superuser_reserved_connections and reserved_connections. """
    sessions: list[BudgetSessions]
    """ Most first, 100 at most, without those of this service. """
    sessions_total: int
    observed_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        max_connections = self.max_connections

        reserved = self.reserved

        sessions = []
        for sessions_item_data in self.sessions:
            sessions_item = sessions_item_data.to_dict()
            sessions.append(sessions_item)

        sessions_total = self.sessions_total

        observed_at = self.observed_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "max_connections": max_connections,
                "reserved": reserved,
                "sessions": sessions,
                "sessions_total": sessions_total,
                "observed_at": observed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.budget_sessions import BudgetSessions  # noqa: PLC0415

        d = dict(src_dict)
        max_connections = d.pop("max_connections")

        reserved = d.pop("reserved")

        sessions = []
        _sessions = d.pop("sessions")
        for sessions_item_data in _sessions:
            sessions_item = BudgetSessions.from_dict(sessions_item_data)

            sessions.append(sessions_item)

        sessions_total = d.pop("sessions_total")

        observed_at = datetime.datetime.fromisoformat(d.pop("observed_at"))

        budget_server = cls(
            max_connections=max_connections,
            reserved=reserved,
            sessions=sessions,
            sessions_total=sessions_total,
            observed_at=observed_at,
        )

        budget_server.additional_properties = d
        return budget_server

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
