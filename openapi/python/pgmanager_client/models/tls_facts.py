from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.tls_mode import TlsMode

T = TypeVar("T", bound="TlsFacts")


@_attrs_define
class TlsFacts:
    sslmode: TlsMode
    """ What libpq's ``sslmode`` of the same name means; there is no ``allow``, which protects from nothing. """
    is_root_pinned: bool
    """ Whether there is a root for them to trust. """
    may_verify_name: bool
    """ Whether `verify-full` can succeed. """
    why: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        sslmode = self.sslmode.value

        is_root_pinned = self.is_root_pinned

        may_verify_name = self.may_verify_name

        why = self.why

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "sslmode": sslmode,
                "is_root_pinned": is_root_pinned,
                "may_verify_name": may_verify_name,
                "why": why,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sslmode = TlsMode(d.pop("sslmode"))

        is_root_pinned = d.pop("is_root_pinned")

        may_verify_name = d.pop("may_verify_name")

        why = d.pop("why")

        tls_facts = cls(
            sslmode=sslmode,
            is_root_pinned=is_root_pinned,
            may_verify_name=may_verify_name,
            why=why,
        )

        tls_facts.additional_properties = d
        return tls_facts

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
