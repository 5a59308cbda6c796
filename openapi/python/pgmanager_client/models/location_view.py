from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.addressing import Addressing
from ..models.location_state import LocationState

if TYPE_CHECKING:
    from ..models.location_view_capabilities import LocationViewCapabilities
    from ..models.problem import Problem


T = TypeVar("T", bound="LocationView")


@_attrs_define
class LocationView:
    """A location, without the secret key, which never leaves."""

    id: str
    project_id: str
    name: str
    state: LocationState
    is_default: bool
    endpoint_url: str
    bucket: str
    prefix: str
    region: str
    addressing: Addressing
    access_key_id: str
    allow_insecure: bool
    capabilities: LocationViewCapabilities
    """ What the last successful probe found the store able to do. """
    probed_at: datetime.datetime | None
    probe_error: None | Problem
    """ A problem document, when the last probe failed. """
    created_by: str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.problem import Problem  # noqa: PLC0415

        id = self.id

        project_id = self.project_id

        name = self.name

        state = self.state.value

        is_default = self.is_default

        endpoint_url = self.endpoint_url

        bucket = self.bucket

        prefix = self.prefix

        region = self.region

        addressing = self.addressing.value

        access_key_id = self.access_key_id

        allow_insecure = self.allow_insecure

        capabilities = self.capabilities.to_dict()

        probed_at: None | str
        if isinstance(self.probed_at, datetime.datetime):
            probed_at = self.probed_at.isoformat()
        else:
            probed_at = self.probed_at

        probe_error: dict[str, Any] | None
        if isinstance(self.probe_error, Problem):
            probe_error = self.probe_error.to_dict()
        else:
            probe_error = self.probe_error

        created_by = self.created_by

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "project_id": project_id,
                "name": name,
                "state": state,
                "is_default": is_default,
                "endpoint_url": endpoint_url,
                "bucket": bucket,
                "prefix": prefix,
                "region": region,
                "addressing": addressing,
                "access_key_id": access_key_id,
                "allow_insecure": allow_insecure,
                "capabilities": capabilities,
                "probed_at": probed_at,
                "probe_error": probe_error,
                "created_by": created_by,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.location_view_capabilities import LocationViewCapabilities  # noqa: PLC0415
        from ..models.problem import Problem  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        project_id = d.pop("project_id")

        name = d.pop("name")

        state = LocationState(d.pop("state"))

        is_default = d.pop("is_default")

        endpoint_url = d.pop("endpoint_url")

        bucket = d.pop("bucket")

        prefix = d.pop("prefix")

        region = d.pop("region")

        addressing = Addressing(d.pop("addressing"))

        access_key_id = d.pop("access_key_id")

        allow_insecure = d.pop("allow_insecure")

        capabilities = LocationViewCapabilities.from_dict(d.pop("capabilities"))

        def _parse_probed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                probed_at_type_0 = datetime.datetime.fromisoformat(data)

                return probed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        probed_at = _parse_probed_at(d.pop("probed_at"))

        def _parse_probe_error(data: object) -> None | Problem:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                probe_error_type_0 = Problem.from_dict(data)

                return probe_error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Problem, data)

        probe_error = _parse_probe_error(d.pop("probe_error"))

        created_by = d.pop("created_by")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        location_view = cls(
            id=id,
            project_id=project_id,
            name=name,
            state=state,
            is_default=is_default,
            endpoint_url=endpoint_url,
            bucket=bucket,
            prefix=prefix,
            region=region,
            addressing=addressing,
            access_key_id=access_key_id,
            allow_insecure=allow_insecure,
            capabilities=capabilities,
            probed_at=probed_at,
            probe_error=probe_error,
            created_by=created_by,
            created_at=created_at,
        )

        location_view.additional_properties = d
        return location_view

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
