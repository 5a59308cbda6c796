from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.addressing import Addressing
from ..types import UNSET, Unset

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

    def to_dict(self) -> dict[str, Any]:
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

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
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
        )

        return location_create
