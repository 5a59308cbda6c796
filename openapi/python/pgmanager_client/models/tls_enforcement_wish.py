from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.tls_enforcement import TlsEnforcement

T = TypeVar("T", bound="TlsEnforcementWish")


@_attrs_define
class TlsEnforcementWish:
    mode: TlsEnforcement

    def to_dict(self) -> dict[str, Any]:
        mode = self.mode.value

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "mode": mode,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        mode = TlsEnforcement(d.pop("mode"))

        tls_enforcement_wish = cls(
            mode=mode,
        )

        return tls_enforcement_wish
