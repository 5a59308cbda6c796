from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ToolVersions")


@_attrs_define
class ToolVersions:
    """``manager`` is this service; ``client`` the pg_dump that wrote the archive."""

    manager: str
    server: str
    server_major: int
    client: str
    client_major: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        manager = self.manager

        server = self.server

        server_major = self.server_major

        client = self.client

        client_major = self.client_major

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "manager": manager,
                "server": server,
                "server_major": server_major,
                "client": client,
                "client_major": client_major,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        manager = d.pop("manager")

        server = d.pop("server")

        server_major = d.pop("server_major")

        client = d.pop("client")

        client_major = d.pop("client_major")

        tool_versions = cls(
            manager=manager,
            server=server,
            server_major=server_major,
            client=client,
            client_major=client_major,
        )

        tool_versions.additional_properties = d
        return tool_versions

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
