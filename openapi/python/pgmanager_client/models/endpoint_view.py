from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.endpoint_kind import EndpointKind

if TYPE_CHECKING:
    from ..models.tls_facts import TlsFacts


T = TypeVar("T", bound="EndpointView")


@_attrs_define
class EndpointView:
    network: EndpointKind
    host: str
    port: int
    tls: TlsFacts
    works_from: str
    for_whom: list[str]
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        network = self.network.value

        host = self.host

        port = self.port

        tls = self.tls.to_dict()

        works_from = self.works_from

        for_whom = self.for_whom

        why = self.why

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "network": network,
                "host": host,
                "port": port,
                "tls": tls,
                "works_from": works_from,
                "for_whom": for_whom,
                "why": why,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.tls_facts import TlsFacts  # noqa: PLC0415

        d = dict(src_dict)
        network = EndpointKind(d.pop("network"))

        host = d.pop("host")

        port = d.pop("port")

        tls = TlsFacts.from_dict(d.pop("tls"))

        works_from = d.pop("works_from")

        for_whom = cast(list[str], d.pop("for_whom"))

        why = d.pop("why")

        endpoint_view = cls(
            network=network,
            host=host,
            port=port,
            tls=tls,
            works_from=works_from,
            for_whom=for_whom,
            why=why,
        )

        endpoint_view.additional_properties = d
        return endpoint_view

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
