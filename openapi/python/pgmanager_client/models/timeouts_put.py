from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="TimeoutsPut")


@_attrs_define
class TimeoutsPut:
    """Of the server, or of a scope. Seconds; 0 is for no limit, and null or left out: not set there."""

    logical_database: None | str | Unset = UNSET
    role: None | str | Unset = UNSET
    statement_timeout_seconds: float | None | Unset = UNSET
    lock_timeout_seconds: float | None | Unset = UNSET
    idle_in_transaction_session_timeout_seconds: float | None | Unset = UNSET
    idle_session_timeout_seconds: float | None | Unset = UNSET
    """ PostgreSQL 14 and later. """
    transaction_timeout_seconds: float | None | Unset = UNSET
    """ PostgreSQL 17 and later. """

    def to_dict(self) -> dict[str, Any]:
        logical_database: None | str | Unset
        if isinstance(self.logical_database, Unset):
            logical_database = UNSET
        else:
            logical_database = self.logical_database

        role: None | str | Unset
        if isinstance(self.role, Unset):
            role = UNSET
        else:
            role = self.role

        statement_timeout_seconds: float | None | Unset
        if isinstance(self.statement_timeout_seconds, Unset):
            statement_timeout_seconds = UNSET
        else:
            statement_timeout_seconds = self.statement_timeout_seconds

        lock_timeout_seconds: float | None | Unset
        if isinstance(self.lock_timeout_seconds, Unset):
            lock_timeout_seconds = UNSET
        else:
            lock_timeout_seconds = self.lock_timeout_seconds

        idle_in_transaction_session_timeout_seconds: float | None | Unset
        if isinstance(self.idle_in_transaction_session_timeout_seconds, Unset):
            idle_in_transaction_session_timeout_seconds = UNSET
        else:
            idle_in_transaction_session_timeout_seconds = self.idle_in_transaction_session_timeout_seconds

        idle_session_timeout_seconds: float | None | Unset
        if isinstance(self.idle_session_timeout_seconds, Unset):
            idle_session_timeout_seconds = UNSET
        else:
            idle_session_timeout_seconds = self.idle_session_timeout_seconds

        transaction_timeout_seconds: float | None | Unset
        if isinstance(self.transaction_timeout_seconds, Unset):
            transaction_timeout_seconds = UNSET
        else:
            transaction_timeout_seconds = self.transaction_timeout_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if logical_database is not UNSET:
            field_dict["logical_database"] = logical_database
        if role is not UNSET:
            field_dict["role"] = role
        if statement_timeout_seconds is not UNSET:
            field_dict["statement_timeout_seconds"] = statement_timeout_seconds
        if lock_timeout_seconds is not UNSET:
            field_dict["lock_timeout_seconds"] = lock_timeout_seconds
        if idle_in_transaction_session_timeout_seconds is not UNSET:
            field_dict["idle_in_transaction_session_timeout_seconds"] = idle_in_transaction_session_timeout_seconds
        if idle_session_timeout_seconds is not UNSET:
            field_dict["idle_session_timeout_seconds"] = idle_session_timeout_seconds
        if transaction_timeout_seconds is not UNSET:
            field_dict["transaction_timeout_seconds"] = transaction_timeout_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_logical_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_database = _parse_logical_database(d.pop("logical_database", UNSET))

        def _parse_role(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        role = _parse_role(d.pop("role", UNSET))

        def _parse_statement_timeout_seconds(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        statement_timeout_seconds = _parse_statement_timeout_seconds(d.pop("statement_timeout_seconds", UNSET))

        def _parse_lock_timeout_seconds(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        lock_timeout_seconds = _parse_lock_timeout_seconds(d.pop("lock_timeout_seconds", UNSET))

        def _parse_idle_in_transaction_session_timeout_seconds(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        idle_in_transaction_session_timeout_seconds = _parse_idle_in_transaction_session_timeout_seconds(
            d.pop("idle_in_transaction_session_timeout_seconds", UNSET)
        )

        def _parse_idle_session_timeout_seconds(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        idle_session_timeout_seconds = _parse_idle_session_timeout_seconds(d.pop("idle_session_timeout_seconds", UNSET))

        def _parse_transaction_timeout_seconds(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        transaction_timeout_seconds = _parse_transaction_timeout_seconds(d.pop("transaction_timeout_seconds", UNSET))

        timeouts_put = cls(
            logical_database=logical_database,
            role=role,
            statement_timeout_seconds=statement_timeout_seconds,
            lock_timeout_seconds=lock_timeout_seconds,
            idle_in_transaction_session_timeout_seconds=idle_in_transaction_session_timeout_seconds,
            idle_session_timeout_seconds=idle_session_timeout_seconds,
            transaction_timeout_seconds=transaction_timeout_seconds,
        )

        return timeouts_put
