from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.pooler_state import PoolerState

if TYPE_CHECKING:
    from ..models.pooler_options import PoolerOptions


T = TypeVar("T", bound="PoolerView")


@_attrs_define
class PoolerView:
    """The address is this machine's own, at Railway one of the environment's private network, without a root to pin.

    `ca_pem` is the root that signed its certificate.

    """

    database_id: str
    state: PoolerState
    state_reason: None | str
    host: None | str
    port: int | None
    version: None | str
    prepared_statements: bool
    """ Whether pools in transaction mode serve prepared statements. """
    ca_pem: None | str
    options: PoolerOptions
    """ What is absent has its default: the wish replaces all options. 0 is no limit, where it is allowed. """
    created_by: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        database_id = self.database_id

        state = self.state.value

        state_reason: None | str
        state_reason = self.state_reason

        host: None | str
        host = self.host

        port: int | None
        port = self.port

        version: None | str
        version = self.version

        prepared_statements = self.prepared_statements

        ca_pem: None | str
        ca_pem = self.ca_pem

        options = self.options.to_dict()

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "database_id": database_id,
                "state": state,
                "state_reason": state_reason,
                "host": host,
                "port": port,
                "version": version,
                "prepared_statements": prepared_statements,
                "ca_pem": ca_pem,
                "options": options,
                "created_by": created_by,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pooler_options import PoolerOptions  # noqa: PLC0415

        d = dict(src_dict)
        database_id = d.pop("database_id")

        state = PoolerState(d.pop("state"))

        def _parse_state_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        state_reason = _parse_state_reason(d.pop("state_reason"))

        def _parse_host(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        host = _parse_host(d.pop("host"))

        def _parse_port(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        port = _parse_port(d.pop("port"))

        def _parse_version(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        version = _parse_version(d.pop("version"))

        prepared_statements = d.pop("prepared_statements")

        def _parse_ca_pem(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        ca_pem = _parse_ca_pem(d.pop("ca_pem"))

        options = PoolerOptions.from_dict(d.pop("options"))

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        pooler_view = cls(
            database_id=database_id,
            state=state,
            state_reason=state_reason,
            host=host,
            port=port,
            version=version,
            prepared_statements=prepared_statements,
            ca_pem=ca_pem,
            options=options,
            created_by=created_by,
            created_at=created_at,
            updated_at=updated_at,
        )

        pooler_view.additional_properties = d
        return pooler_view

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
