from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.event_view_data import EventViewData


T = TypeVar("T", bound="EventView")


@_attrs_define
class EventView:
    id: str
    at: datetime.datetime
    type_: str
    project_id: str
    database_id: None | str
    subject_id: None | str
    """ The resource that it happened to. """
    job_id: None | str
    data: EventViewData
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        at = self.at.isoformat()

        type_ = self.type_

        project_id = self.project_id

        database_id: None | str
        database_id = self.database_id

        subject_id: None | str
        subject_id = self.subject_id

        job_id: None | str
        job_id = self.job_id

        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "at": at,
                "type": type_,
                "project_id": project_id,
                "database_id": database_id,
                "subject_id": subject_id,
                "job_id": job_id,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.event_view_data import EventViewData  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        type_ = d.pop("type")

        project_id = d.pop("project_id")

        def _parse_database_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        database_id = _parse_database_id(d.pop("database_id"))

        def _parse_subject_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        subject_id = _parse_subject_id(d.pop("subject_id"))

        def _parse_job_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        job_id = _parse_job_id(d.pop("job_id"))

        data = EventViewData.from_dict(d.pop("data"))

        event_view = cls(
            id=id,
            at=at,
            type_=type_,
            project_id=project_id,
            database_id=database_id,
            subject_id=subject_id,
            job_id=job_id,
            data=data,
        )

        event_view.additional_properties = d
        return event_view

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
