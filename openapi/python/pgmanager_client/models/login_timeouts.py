from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="LoginTimeouts")


@_attrs_define
class LoginTimeouts:
    """Of the logins' sessions, in seconds; 0 for none. A session can set them otherwise, as a migration should."""

    statement_timeout_seconds: int | Unset = 30
    lock_timeout_seconds: int | Unset = 5
    idle_in_transaction_session_timeout_seconds: int | Unset = 60

    def to_dict(self) -> dict[str, Any]:
        statement_timeout_seconds = self.statement_timeout_seconds

        lock_timeout_seconds = self.lock_timeout_seconds

        idle_in_transaction_session_timeout_seconds = self.idle_in_transaction_session_timeout_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if statement_timeout_seconds is not UNSET:
            field_dict["statement_timeout_seconds"] = statement_timeout_seconds
        if lock_timeout_seconds is not UNSET:
            field_dict["lock_timeout_seconds"] = lock_timeout_seconds
        if idle_in_transaction_session_timeout_seconds is not UNSET:
            field_dict["idle_in_transaction_session_timeout_seconds"] = idle_in_transaction_session_timeout_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        statement_timeout_seconds = d.pop("statement_timeout_seconds", UNSET)

        lock_timeout_seconds = d.pop("lock_timeout_seconds", UNSET)

        idle_in_transaction_session_timeout_seconds = d.pop("idle_in_transaction_session_timeout_seconds", UNSET)

        login_timeouts = cls(
            statement_timeout_seconds=statement_timeout_seconds,
            lock_timeout_seconds=lock_timeout_seconds,
            idle_in_transaction_session_timeout_seconds=idle_in_transaction_session_timeout_seconds,
        )

        return login_timeouts
