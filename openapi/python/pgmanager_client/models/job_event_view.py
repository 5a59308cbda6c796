from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.job_event_view_detail import JobEventViewDetail


T = TypeVar("T", bound="JobEventView")


@_attrs_define
class JobEventView:
    """One line of a job's history, as it is streamed and replayed."""

    number: int
    at: datetime.datetime
    kind: str
    detail: JobEventViewDetail
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        at = self.at.isoformat()

        kind = self.kind

        detail = self.detail.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "number": number,
                "at": at,
                "kind": kind,
                "detail": detail,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_event_view_detail import JobEventViewDetail  # noqa: PLC0415

        d = dict(src_dict)
        number = d.pop("number")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        kind = d.pop("kind")

        detail = JobEventViewDetail.from_dict(d.pop("detail"))

        job_event_view = cls(
            number=number,
            at=at,
            kind=kind,
            detail=detail,
        )

        job_event_view.additional_properties = d
        return job_event_view

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
