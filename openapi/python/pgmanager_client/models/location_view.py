from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.addressing import Addressing
from ..models.location_state import LocationState
from ..models.server_side_encryption import ServerSideEncryption

if TYPE_CHECKING:
    from ..models.location_view_capabilities import LocationViewCapabilities
    from ..models.lock_wish import LockWish
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
    max_parts: int | None
    max_upload_bytes_per_second: int | None
    sse: None | ServerSideEncryption
    kms_key_id: None | str
    object_lock: LockWish | None
    capabilities: LocationViewCapabilities
    """ What the last successful probe found the store able to do. """
    probed_at: datetime.datetime | None
    probe_error: None | Problem
    """ A problem document, when the last probe failed. """
    created_by: str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.lock_wish import LockWish  # noqa: PLC0415
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

        max_parts: int | None
        max_parts = self.max_parts

        max_upload_bytes_per_second: int | None
        max_upload_bytes_per_second = self.max_upload_bytes_per_second

        sse: None | str
        if isinstance(self.sse, ServerSideEncryption):
            sse = self.sse.value
        else:
            sse = self.sse

        kms_key_id: None | str
        kms_key_id = self.kms_key_id

        object_lock: dict[str, Any] | None
        if isinstance(self.object_lock, LockWish):
            object_lock = self.object_lock.to_dict()
        else:
            object_lock = self.object_lock

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
                "max_parts": max_parts,
                "max_upload_bytes_per_second": max_upload_bytes_per_second,
                "sse": sse,
                "kms_key_id": kms_key_id,
                "object_lock": object_lock,
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
        from ..models.lock_wish import LockWish  # noqa: PLC0415
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

        def _parse_max_parts(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        max_parts = _parse_max_parts(d.pop("max_parts"))

        def _parse_max_upload_bytes_per_second(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        max_upload_bytes_per_second = _parse_max_upload_bytes_per_second(d.pop("max_upload_bytes_per_second"))

        def _parse_sse(data: object) -> None | ServerSideEncryption:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sse_type_0 = ServerSideEncryption(data)

                return sse_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ServerSideEncryption, data)

        sse = _parse_sse(d.pop("sse"))

        def _parse_kms_key_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        kms_key_id = _parse_kms_key_id(d.pop("kms_key_id"))

        def _parse_object_lock(data: object) -> LockWish | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                object_lock_type_0 = LockWish.from_dict(data)

                return object_lock_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LockWish | None, data)

        object_lock = _parse_object_lock(d.pop("object_lock"))

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
            max_parts=max_parts,
            max_upload_bytes_per_second=max_upload_bytes_per_second,
            sse=sse,
            kms_key_id=kms_key_id,
            object_lock=object_lock,
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
