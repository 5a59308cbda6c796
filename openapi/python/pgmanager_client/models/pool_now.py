from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.pool_mode import PoolMode

T = TypeVar("T", bound="PoolNow")


@_attrs_define
class PoolNow:
    """Of one pool and one of its users, at this moment."""

    pool: str
    user: str
    mode: PoolMode
    clients_active: int
    clients_waiting: int
    servers_active: int
    servers_idle: int
    servers_used: int
    servers_tested: int
    servers_login: int
    longest_wait_seconds: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pool = self.pool

        user = self.user

        mode = self.mode.value

        clients_active = self.clients_active

        clients_waiting = self.clients_waiting

        servers_active = self.servers_active

        servers_idle = self.servers_idle

        servers_used = self.servers_used

        servers_tested = self.servers_tested

        servers_login = self.servers_login

        longest_wait_seconds = self.longest_wait_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pool": pool,
                "user": user,
                "mode": mode,
                "clients_active": clients_active,
                "clients_waiting": clients_waiting,
                "servers_active": servers_active,
                "servers_idle": servers_idle,
                "servers_used": servers_used,
                "servers_tested": servers_tested,
                "servers_login": servers_login,
                "longest_wait_seconds": longest_wait_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        pool = d.pop("pool")

        user = d.pop("user")

        mode = PoolMode(d.pop("mode"))

        clients_active = d.pop("clients_active")

        clients_waiting = d.pop("clients_waiting")

        servers_active = d.pop("servers_active")

        servers_idle = d.pop("servers_idle")

        servers_used = d.pop("servers_used")

        servers_tested = d.pop("servers_tested")

        servers_login = d.pop("servers_login")

        longest_wait_seconds = d.pop("longest_wait_seconds")

        pool_now = cls(
            pool=pool,
            user=user,
            mode=mode,
            clients_active=clients_active,
            clients_waiting=clients_waiting,
            servers_active=servers_active,
            servers_idle=servers_idle,
            servers_used=servers_used,
            servers_tested=servers_tested,
            servers_login=servers_login,
            longest_wait_seconds=longest_wait_seconds,
        )

        pool_now.additional_properties = d
        return pool_now

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
