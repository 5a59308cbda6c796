from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.endpoint_kind import EndpointKind

T = TypeVar("T", bound="ConsumerView")


@_attrs_define
class ConsumerView:
    """One variable of one service that reads one of the database's, or has its address written out."""

    service: None | str
    """ Null: a variable that the environment shares with all its services. """
    railway_service_id: None | str
    variable: str
    reads: str
    """ The variable that it refers to, or the address that is written out. """
    endpoint: EndpointKind | None
    """ Null: what it reads leads nowhere by itself, such as a user name. """
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        service: None | str
        service = self.service

        railway_service_id: None | str
        railway_service_id = self.railway_service_id

        variable = self.variable

        reads = self.reads

        endpoint: None | str
        if isinstance(self.endpoint, EndpointKind):
            endpoint = self.endpoint.value
        else:
            endpoint = self.endpoint

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "service": service,
                "railway_service_id": railway_service_id,
                "variable": variable,
                "reads": reads,
                "endpoint": endpoint,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_service(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        service = _parse_service(d.pop("service"))

        def _parse_railway_service_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        railway_service_id = _parse_railway_service_id(d.pop("railway_service_id"))

        variable = d.pop("variable")

        reads = d.pop("reads")

        def _parse_endpoint(data: object) -> EndpointKind | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                endpoint_type_0 = EndpointKind(data)

                return endpoint_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EndpointKind | None, data)

        endpoint = _parse_endpoint(d.pop("endpoint"))

        warnings = cast(list[str], d.pop("warnings"))

        consumer_view = cls(
            service=service,
            railway_service_id=railway_service_id,
            variable=variable,
            reads=reads,
            endpoint=endpoint,
            warnings=warnings,
        )

        consumer_view.additional_properties = d
        return consumer_view

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
