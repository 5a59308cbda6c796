from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.copy_check import CopyCheck
    from ..models.rehearsal_report import RehearsalReport


T = TypeVar("T", bound="VerificationReport")


@_attrs_define
class VerificationReport:
    copies: list[CopyCheck]
    rehearsal: None | RehearsalReport
    warnings: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.rehearsal_report import RehearsalReport  # noqa: PLC0415

        copies = []
        for copies_item_data in self.copies:
            copies_item = copies_item_data.to_dict()
            copies.append(copies_item)

        rehearsal: dict[str, Any] | None
        if isinstance(self.rehearsal, RehearsalReport):
            rehearsal = self.rehearsal.to_dict()
        else:
            rehearsal = self.rehearsal

        warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "copies": copies,
                "rehearsal": rehearsal,
                "warnings": warnings,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.copy_check import CopyCheck  # noqa: PLC0415
        from ..models.rehearsal_report import RehearsalReport  # noqa: PLC0415

        d = dict(src_dict)
        copies = []
        _copies = d.pop("copies")
        for copies_item_data in _copies:
            copies_item = CopyCheck.from_dict(copies_item_data)

            copies.append(copies_item)

        def _parse_rehearsal(data: object) -> None | RehearsalReport:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                rehearsal_type_0 = RehearsalReport.from_dict(data)

                return rehearsal_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RehearsalReport, data)

        rehearsal = _parse_rehearsal(d.pop("rehearsal"))

        warnings = cast(list[str], d.pop("warnings"))

        verification_report = cls(
            copies=copies,
            rehearsal=rehearsal,
            warnings=warnings,
        )

        verification_report.additional_properties = d
        return verification_report

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
