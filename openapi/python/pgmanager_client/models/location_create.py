from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.addressing import Addressing
from ..models.server_side_encryption import ServerSideEncryption
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.lock_wish import LockWish


T = TypeVar("T", bound="LocationCreate")


@_attrs_define
class LocationCreate:
    project_id: str
    name: str
    """ 1 to 63 letters, digits, spaces, dots, dashes and underscores; a letter or digit at both ends. """
    endpoint_url: str
    bucket: str
    """ It must exist. """
    access_key_id: str
    secret_access_key: str
    prefix: str | Unset = ""
    """ All objects lie below it. Slashes at the ends are dropped. """
    region: str | Unset = "auto"
    addressing: Addressing | Unset = UNSET
    allow_insecure: bool | Unset = False
    """ Accept an endpoint without TLS, if the operator does too. """
    is_default: bool | Unset = False
    """ Where the project's backups go that name no location; the first one always is. """
    max_parts: int | None | Unset = UNSET
    max_upload_bytes_per_second: int | None | Unset = UNSET
    sse: None | ServerSideEncryption | Unset = UNSET
    """ Ask the store to encrypt what it keeps. Refused when the store does not say that it did. """
    kms_key_id: None | str | Unset = UNSET
    """ With sse aws:kms; the bucket's own key when not given. """
    object_lock: LockWish | None | Unset = UNSET
    """ Only for a bucket that was made with object lock; refused for another one. """

    def to_dict(self) -> dict[str, Any]:
        from ..models.lock_wish import LockWish  # noqa: PLC0415

        project_id = self.project_id

        name = self.name

        endpoint_url = self.endpoint_url

        bucket = self.bucket

        access_key_id = self.access_key_id

        secret_access_key = self.secret_access_key

        prefix = self.prefix

        region = self.region

        addressing: str | Unset = UNSET
        if not isinstance(self.addressing, Unset):
            addressing = self.addressing.value

        allow_insecure = self.allow_insecure

        is_default = self.is_default

        max_parts: int | None | Unset
        if isinstance(self.max_parts, Unset):
            max_parts = UNSET
        else:
            max_parts = self.max_parts

        max_upload_bytes_per_second: int | None | Unset
        if isinstance(self.max_upload_bytes_per_second, Unset):
            max_upload_bytes_per_second = UNSET
        else:
            max_upload_bytes_per_second = self.max_upload_bytes_per_second

        sse: None | str | Unset
        if isinstance(self.sse, Unset):
            sse = UNSET
        elif isinstance(self.sse, ServerSideEncryption):
            sse = self.sse.value
        else:
            sse = self.sse

        kms_key_id: None | str | Unset
        if isinstance(self.kms_key_id, Unset):
            kms_key_id = UNSET
        else:
            kms_key_id = self.kms_key_id

        object_lock: dict[str, Any] | None | Unset
        if isinstance(self.object_lock, Unset):
            object_lock = UNSET
        elif isinstance(self.object_lock, LockWish):
            object_lock = self.object_lock.to_dict()
        else:
            object_lock = self.object_lock

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "project_id": project_id,
                "name": name,
                "endpoint_url": endpoint_url,
                "bucket": bucket,
                "access_key_id": access_key_id,
                "secret_access_key": secret_access_key,
            }
        )
        if prefix is not UNSET:
            field_dict["prefix"] = prefix
        if region is not UNSET:
            field_dict["region"] = region
        if addressing is not UNSET:
            field_dict["addressing"] = addressing
        if allow_insecure is not UNSET:
            field_dict["allow_insecure"] = allow_insecure
        if is_default is not UNSET:
            field_dict["is_default"] = is_default
        if max_parts is not UNSET:
            field_dict["max_parts"] = max_parts
        if max_upload_bytes_per_second is not UNSET:
            field_dict["max_upload_bytes_per_second"] = max_upload_bytes_per_second
        if sse is not UNSET:
            field_dict["sse"] = sse
        if kms_key_id is not UNSET:
            field_dict["kms_key_id"] = kms_key_id
        if object_lock is not UNSET:
            field_dict["object_lock"] = object_lock

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.lock_wish import LockWish  # noqa: PLC0415

        d = dict(src_dict)
        project_id = d.pop("project_id")

        name = d.pop("name")

        endpoint_url = d.pop("endpoint_url")

        bucket = d.pop("bucket")

        access_key_id = d.pop("access_key_id")

        secret_access_key = d.pop("secret_access_key")

        prefix = d.pop("prefix", UNSET)

        region = d.pop("region", UNSET)

        _addressing = d.pop("addressing", UNSET)
        addressing: Addressing | Unset
        if isinstance(_addressing, Unset):
            addressing = UNSET
        else:
            addressing = Addressing(_addressing)

        allow_insecure = d.pop("allow_insecure", UNSET)

        is_default = d.pop("is_default", UNSET)

        def _parse_max_parts(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_parts = _parse_max_parts(d.pop("max_parts", UNSET))

        def _parse_max_upload_bytes_per_second(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_upload_bytes_per_second = _parse_max_upload_bytes_per_second(d.pop("max_upload_bytes_per_second", UNSET))

        def _parse_sse(data: object) -> None | ServerSideEncryption | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sse_type_0 = ServerSideEncryption(data)

                return sse_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ServerSideEncryption | Unset, data)

        sse = _parse_sse(d.pop("sse", UNSET))

        def _parse_kms_key_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        kms_key_id = _parse_kms_key_id(d.pop("kms_key_id", UNSET))

        def _parse_object_lock(data: object) -> LockWish | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                object_lock_type_0 = LockWish.from_dict(data)

                return object_lock_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LockWish | None | Unset, data)

        object_lock = _parse_object_lock(d.pop("object_lock", UNSET))

        location_create = cls(
            project_id=project_id,
            name=name,
            endpoint_url=endpoint_url,
            bucket=bucket,
            access_key_id=access_key_id,
            secret_access_key=secret_access_key,
            prefix=prefix,
            region=region,
            addressing=addressing,
            allow_insecure=allow_insecure,
            is_default=is_default,
            max_parts=max_parts,
            max_upload_bytes_per_second=max_upload_bytes_per_second,
            sse=sse,
            kms_key_id=kms_key_id,
            object_lock=object_lock,
        )

        return location_create
