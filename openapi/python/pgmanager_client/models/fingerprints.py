from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Fingerprints")


@_attrs_define
class Fingerprints:
    """How the fingerprints of tables were taken. They can be compared within one major only. Shares are of 1."""

    algorithm: str
    server_major: int
    share: float
    share_of_rows: float
    seconds: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        algorithm = self.algorithm

        server_major = self.server_major

        share = self.share

        share_of_rows = self.share_of_rows

        seconds = self.seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "algorithm": algorithm,
                "server_major": server_major,
                "share": share,
                "share_of_rows": share_of_rows,
                "seconds": seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        algorithm = d.pop("algorithm")

        server_major = d.pop("server_major")

        share = d.pop("share")

        share_of_rows = d.pop("share_of_rows")

        seconds = d.pop("seconds")

        fingerprints = cls(
            algorithm=algorithm,
            server_major=server_major,
            share=share,
            share_of_rows=share_of_rows,
            seconds=seconds,
        )

        fingerprints.additional_properties = d
        return fingerprints

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
