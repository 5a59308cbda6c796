from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RoleTimeouts")


@_attrs_define
class RoleTimeouts:
    statement_timeout_seconds: float | None
    lock_timeout_seconds: float | None
    idle_in_transaction_session_timeout_seconds: float | None
    idle_session_timeout_seconds: float | None
    transaction_timeout_seconds: float | None
    role: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        statement_timeout_seconds: float | None
        statement_timeout_seconds = self.statement_timeout_seconds

        lock_timeout_seconds: float | None
        lock_timeout_seconds = self.lock_timeout_seconds

        idle_in_transaction_session_timeout_seconds: float | None
        idle_in_transaction_session_timeout_seconds = self.idle_in_transaction_session_timeout_seconds

        idle_session_timeout_seconds: float | None
        idle_session_timeout_seconds = self.idle_session_timeout_seconds

        transaction_timeout_seconds: float | None
        transaction_timeout_seconds = self.transaction_timeout_seconds

        role = self.role

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "statement_timeout_seconds": statement_timeout_seconds,
                "lock_timeout_seconds": lock_timeout_seconds,
                "idle_in_transaction_session_timeout_seconds": idle_in_transaction_session_timeout_seconds,
                "idle_session_timeout_seconds": idle_session_timeout_seconds,
                "transaction_timeout_seconds": transaction_timeout_seconds,
                "role": role,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_statement_timeout_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        statement_timeout_seconds = _parse_statement_timeout_seconds(d.pop("statement_timeout_seconds"))

        def _parse_lock_timeout_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        lock_timeout_seconds = _parse_lock_timeout_seconds(d.pop("lock_timeout_seconds"))

        def _parse_idle_in_transaction_session_timeout_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        idle_in_transaction_session_timeout_seconds = _parse_idle_in_transaction_session_timeout_seconds(
            d.pop("idle_in_transaction_session_timeout_seconds")
        )

        def _parse_idle_session_timeout_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        idle_session_timeout_seconds = _parse_idle_session_timeout_seconds(d.pop("idle_session_timeout_seconds"))

        def _parse_transaction_timeout_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        transaction_timeout_seconds = _parse_transaction_timeout_seconds(d.pop("transaction_timeout_seconds"))

        role = d.pop("role")

        role_timeouts = cls(
            statement_timeout_seconds=statement_timeout_seconds,
            lock_timeout_seconds=lock_timeout_seconds,
            idle_in_transaction_session_timeout_seconds=idle_in_transaction_session_timeout_seconds,
            idle_session_timeout_seconds=idle_session_timeout_seconds,
            transaction_timeout_seconds=transaction_timeout_seconds,
            role=role,
        )

        role_timeouts.additional_properties = d
        return role_timeouts

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
