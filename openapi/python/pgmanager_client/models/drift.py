from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.role_point_view import RolePointView


T = TypeVar("T", bound="Drift")


@_attrs_define
class Drift:
    """Against the wish; nothing is judged where none is on record."""

    is_judged: bool
    missing: list[RolePointView]
    extra: list[RolePointView]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        is_judged = self.is_judged

        missing = []
        for missing_item_data in self.missing:
            missing_item = missing_item_data.to_dict()
            missing.append(missing_item)

        extra = []
        for extra_item_data in self.extra:
            extra_item = extra_item_data.to_dict()
            extra.append(extra_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "is_judged": is_judged,
                "missing": missing,
                "extra": extra,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.role_point_view import RolePointView  # noqa: PLC0415

        d = dict(src_dict)
        is_judged = d.pop("is_judged")

        missing = []
        _missing = d.pop("missing")
        for missing_item_data in _missing:
            missing_item = RolePointView.from_dict(missing_item_data)

            missing.append(missing_item)

        extra = []
        _extra = d.pop("extra")
        for extra_item_data in _extra:
            extra_item = RolePointView.from_dict(extra_item_data)

            extra.append(extra_item)

        drift = cls(
            is_judged=is_judged,
            missing=missing,
            extra=extra,
        )

        drift.additional_properties = d
        return drift

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
