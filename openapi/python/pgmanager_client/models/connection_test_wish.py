from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.endpoint_kind import EndpointKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="ConnectionTestWish")


@_attrs_define
class ConnectionTestWish:
    """What is tried: by default the way and the login that applications have."""

    endpoint: EndpointKind | None | Unset = UNSET
    """ Which address; by default the one that this service itself uses, else the private one. """
    role: None | str | Unset = UNSET
    """ A login that is on record. """
    application: None | str | Unset = UNSET
    """ The current login of this application. """
    logical_database: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        endpoint: None | str | Unset
        if isinstance(self.endpoint, Unset):
            endpoint = UNSET
        elif isinstance(self.endpoint, EndpointKind):
            endpoint = self.endpoint.value
        else:
            endpoint = self.endpoint

        role: None | str | Unset
        if isinstance(self.role, Unset):
            role = UNSET
        else:
            role = self.role

        application: None | str | Unset
        if isinstance(self.application, Unset):
            application = UNSET
        else:
            application = self.application

        logical_database: None | str | Unset
        if isinstance(self.logical_database, Unset):
            logical_database = UNSET
        else:
            logical_database = self.logical_database

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if endpoint is not UNSET:
            field_dict["endpoint"] = endpoint
        if role is not UNSET:
            field_dict["role"] = role
        if application is not UNSET:
            field_dict["application"] = application
        if logical_database is not UNSET:
            field_dict["logical_database"] = logical_database

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_endpoint(data: object) -> EndpointKind | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                endpoint_type_0 = EndpointKind(data)

                return endpoint_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EndpointKind | None | Unset, data)

        endpoint = _parse_endpoint(d.pop("endpoint", UNSET))

        def _parse_role(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        role = _parse_role(d.pop("role", UNSET))

        def _parse_application(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        application = _parse_application(d.pop("application", UNSET))

        def _parse_logical_database(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logical_database = _parse_logical_database(d.pop("logical_database", UNSET))

        connection_test_wish = cls(
            endpoint=endpoint,
            role=role,
            application=application,
            logical_database=logical_database,
        )

        return connection_test_wish
