from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.encryption import Encryption
from ..models.object_kind import ObjectKind
from ..types import UNSET, Unset

T = TypeVar("T", bound="StoredObject")


@_attrs_define
class StoredObject:
    """``key`` is relative to the prefix of whichever location. Digests are hexadecimal SHA-256."""

    kind: ObjectKind
    key: str
    encryption: Encryption
    size_bytes: int
    sha256: str
    plain_size_bytes: int
    plain_sha256: str
    part_bytes: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind.value

        key = self.key

        encryption = self.encryption.value

        size_bytes = self.size_bytes

        sha256 = self.sha256

        plain_size_bytes = self.plain_size_bytes

        plain_sha256 = self.plain_sha256

        part_bytes: int | None | Unset
        if isinstance(self.part_bytes, Unset):
            part_bytes = UNSET
        else:
            part_bytes = self.part_bytes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "key": key,
                "encryption": encryption,
                "size_bytes": size_bytes,
                "sha256": sha256,
                "plain_size_bytes": plain_size_bytes,
                "plain_sha256": plain_sha256,
            }
        )
        if part_bytes is not UNSET:
            field_dict["part_bytes"] = part_bytes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = ObjectKind(d.pop("kind"))

        key = d.pop("key")

        encryption = Encryption(d.pop("encryption"))

        size_bytes = d.pop("size_bytes")

        sha256 = d.pop("sha256")

        plain_size_bytes = d.pop("plain_size_bytes")

        plain_sha256 = d.pop("plain_sha256")

        def _parse_part_bytes(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        part_bytes = _parse_part_bytes(d.pop("part_bytes", UNSET))

        stored_object = cls(
            kind=kind,
            key=key,
            encryption=encryption,
            size_bytes=size_bytes,
            sha256=sha256,
            plain_size_bytes=plain_size_bytes,
            plain_sha256=plain_sha256,
            part_bytes=part_bytes,
        )

        stored_object.additional_properties = d
        return stored_object

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
