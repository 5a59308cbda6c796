from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.pool_mode import PoolMode
from ..types import UNSET, Unset

T = TypeVar("T", bound="PoolerOptions")


@_attrs_define
class PoolerOptions:
    """What is absent has its default: the wish replaces all options. 0 is no limit, where it is allowed."""

    max_client_conn: int | Unset = 1000
    """ Clients at once, over all pools. """
    pool_mode: PoolMode | Unset = UNSET
    default_pool_size: int | Unset = 20
    """ Of pools that name none; for each of their users. """
    query_wait_timeout: int | Unset = 120
    """ Seconds that a client waits for a connection before it is closed. """
    server_idle_timeout: int | Unset = 600
    """ Unused connections are closed after so many seconds. """
    server_lifetime: int | Unset = 3600
    """ And every one, between transactions, after so many. """
    client_idle_timeout: int | Unset = 0
    idle_transaction_timeout: int | Unset = 0
    """ Seconds after which a client is closed that idles in a transaction. """
    max_prepared_statements: int | Unset = 200
    """ Kept for each server connection, so that transaction mode serves prepared statements. Without effect before
    PgBouncer 1.21. """

    def to_dict(self) -> dict[str, Any]:
        max_client_conn = self.max_client_conn

        pool_mode: str | Unset = UNSET
        if not isinstance(self.pool_mode, Unset):
            pool_mode = self.pool_mode.value

        default_pool_size = self.default_pool_size

        query_wait_timeout = self.query_wait_timeout

        server_idle_timeout = self.server_idle_timeout

        server_lifetime = self.server_lifetime

        client_idle_timeout = self.client_idle_timeout

        idle_transaction_timeout = self.idle_transaction_timeout

        max_prepared_statements = self.max_prepared_statements

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if max_client_conn is not UNSET:
            field_dict["max_client_conn"] = max_client_conn
        if pool_mode is not UNSET:
            field_dict["pool_mode"] = pool_mode
        if default_pool_size is not UNSET:
            field_dict["default_pool_size"] = default_pool_size
        if query_wait_timeout is not UNSET:
            field_dict["query_wait_timeout"] = query_wait_timeout
        if server_idle_timeout is not UNSET:
            field_dict["server_idle_timeout"] = server_idle_timeout
        if server_lifetime is not UNSET:
            field_dict["server_lifetime"] = server_lifetime
        if client_idle_timeout is not UNSET:
            field_dict["client_idle_timeout"] = client_idle_timeout
        if idle_transaction_timeout is not UNSET:
            field_dict["idle_transaction_timeout"] = idle_transaction_timeout
        if max_prepared_statements is not UNSET:
            field_dict["max_prepared_statements"] = max_prepared_statements

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        max_client_conn = d.pop("max_client_conn", UNSET)

        _pool_mode = d.pop("pool_mode", UNSET)
        pool_mode: PoolMode | Unset
        if isinstance(_pool_mode, Unset):
            pool_mode = UNSET
        else:
            pool_mode = PoolMode(_pool_mode)

        default_pool_size = d.pop("default_pool_size", UNSET)

        query_wait_timeout = d.pop("query_wait_timeout", UNSET)

        server_idle_timeout = d.pop("server_idle_timeout", UNSET)

        server_lifetime = d.pop("server_lifetime", UNSET)

        client_idle_timeout = d.pop("client_idle_timeout", UNSET)

        idle_transaction_timeout = d.pop("idle_transaction_timeout", UNSET)

        max_prepared_statements = d.pop("max_prepared_statements", UNSET)

        pooler_options = cls(
            max_client_conn=max_client_conn,
            pool_mode=pool_mode,
            default_pool_size=default_pool_size,
            query_wait_timeout=query_wait_timeout,
            server_idle_timeout=server_idle_timeout,
            server_lifetime=server_lifetime,
            client_idle_timeout=client_idle_timeout,
            idle_transaction_timeout=idle_transaction_timeout,
            max_prepared_statements=max_prepared_statements,
        )

        return pooler_options
