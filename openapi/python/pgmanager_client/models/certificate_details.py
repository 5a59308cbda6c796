from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CertificateDetails")


@_attrs_define
class CertificateDetails:
    """One certificate. `names` are what `verify-full` compares with the host."""

    pem: str
    fingerprint: str
    """ SHA-256 of the whole certificate, in hexadecimal digits. """
    subject: str
    issuer: str
    names: list[str]
    not_before: datetime.datetime
    not_after: datetime.datetime
    is_self_signed: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        pem = self.pem

        fingerprint = self.fingerprint

        subject = self.subject

        issuer = self.issuer

        names = self.names

        not_before = self.not_before.isoformat()

        not_after = self.not_after.isoformat()

        is_self_signed = self.is_self_signed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "pem": pem,
                "fingerprint": fingerprint,
                "subject": subject,
                "issuer": issuer,
                "names": names,
                "not_before": not_before,
                "not_after": not_after,
                "is_self_signed": is_self_signed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        pem = d.pop("pem")

        fingerprint = d.pop("fingerprint")

        subject = d.pop("subject")

        issuer = d.pop("issuer")

        names = cast(list[str], d.pop("names"))

        not_before = datetime.datetime.fromisoformat(d.pop("not_before"))

        not_after = datetime.datetime.fromisoformat(d.pop("not_after"))

        is_self_signed = d.pop("is_self_signed")

        certificate_details = cls(
            pem=pem,
            fingerprint=fingerprint,
            subject=subject,
            issuer=issuer,
            names=names,
            not_before=not_before,
            not_after=not_after,
            is_self_signed=is_self_signed,
        )

        certificate_details.additional_properties = d
        return certificate_details

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
