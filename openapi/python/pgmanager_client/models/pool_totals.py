from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PoolTotals")


@_attrs_define
class PoolTotals:
    """Since the process started. What a version does not count is null."""

    pool: str
    transactions: int
    queries: int
    received_bytes: int
    sent_bytes: int
    transaction_seconds: float
    query_seconds: float
    wait_seconds: float
    server_assignments: int | None
    client_parses: int | None
    server_parses: int | None
    binds: int | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pool = self.pool

        transactions = self.transactions

        queries = self.queries

        received_bytes = self.received_bytes

        sent_bytes = self.sent_bytes

        transaction_seconds = self.transaction_seconds

        query_seconds = self.query_seconds

        wait_seconds = self.wait_seconds

        server_assignments: int | None
        server_assignments = self.server_assignments

        client_parses: int | None
        client_parses = self.client_parses

        server_parses: int | None
        server_parses = self.server_parses

        binds: int | None
        binds = self.binds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pool": pool,
                "transactions": transactions,
                "queries": queries,
                "received_bytes": received_bytes,
                "sent_bytes": sent_bytes,
                "transaction_seconds": transaction_seconds,
                "query_seconds": query_seconds,
                "wait_seconds": wait_seconds,
                "server_assignments": server_assignments,
                "client_parses": client_parses,
                "server_parses": server_parses,
                "binds": binds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        pool = d.pop("pool")

        transactions = d.pop("transactions")

        queries = d.pop("queries")

        received_bytes = d.pop("received_bytes")

        sent_bytes = d.pop("sent_bytes")

        transaction_seconds = d.pop("transaction_seconds")

        query_seconds = d.pop("query_seconds")

        wait_seconds = d.pop("wait_seconds")

        def _parse_server_assignments(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        server_assignments = _parse_server_assignments(d.pop("server_assignments"))

        def _parse_client_parses(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        client_parses = _parse_client_parses(d.pop("client_parses"))

        def _parse_server_parses(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        server_parses = _parse_server_parses(d.pop("server_parses"))

        def _parse_binds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        binds = _parse_binds(d.pop("binds"))

        pool_totals = cls(
            pool=pool,
            transactions=transactions,
            queries=queries,
            received_bytes=received_bytes,
            sent_bytes=sent_bytes,
            transaction_seconds=transaction_seconds,
            query_seconds=query_seconds,
            wait_seconds=wait_seconds,
            server_assignments=server_assignments,
            client_parses=client_parses,
            server_parses=server_parses,
            binds=binds,
        )

        pool_totals.additional_properties = d
        return pool_totals

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
