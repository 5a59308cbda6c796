from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="BudgetSessions")


@_attrs_define
class BudgetSessions:
    """Sessions that there are now."""

    role: None | str
    application_name: str
    count: int
    idle_in_transaction: int | None
    """ Null where our role may not see it. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        role: None | str
        role = self.role

        application_name = self.application_name

        count = self.count

        idle_in_transaction: int | None
        idle_in_transaction = self.idle_in_transaction

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "role": role,
                "application_name": application_name,
                "count": count,
                "idle_in_transaction": idle_in_transaction,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_role(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        role = _parse_role(d.pop("role"))

        application_name = d.pop("application_name")

        count = d.pop("count")

        def _parse_idle_in_transaction(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        idle_in_transaction = _parse_idle_in_transaction(d.pop("idle_in_transaction"))

        budget_sessions = cls(
            role=role,
            application_name=application_name,
            count=count,
            idle_in_transaction=idle_in_transaction,
        )

        budget_sessions.additional_properties = d
        return budget_sessions

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
