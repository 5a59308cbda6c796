from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.alert_state import AlertState
from ..models.alert_type import AlertType
from ..models.severity import Severity

if TYPE_CHECKING:
    from ..models.alert_view_data import AlertViewData


T = TypeVar("T", bound="AlertView")


@_attrs_define
class AlertView:
    """An incident, from when it was noticed until it is over."""

    id: str
    key: str
    """ At most one open alert has it. """
    type_: AlertType
    state: AlertState
    severity: Severity
    project_id: None | str
    """ Null: of this installation. """
    database_id: None | str
    subject_id: None | str
    """ The resource that it is about. """
    title: str
    detail: str
    """ The cause as it was seen last, and the way out. """
    data: AlertViewData
    opened_at: datetime.datetime
    last_seen_at: datetime.datetime
    count: int
    """ How often it was seen since it was opened. """
    cleared_at: datetime.datetime | None
    cleared_reason: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        key = self.key

        type_ = self.type_.value

        state = self.state.value

        severity = self.severity.value

        project_id: None | str
        project_id = self.project_id

        database_id: None | str
        database_id = self.database_id

        subject_id: None | str
        subject_id = self.subject_id

        title = self.title

        detail = self.detail

        data = self.data.to_dict()

        opened_at = self.opened_at.isoformat()

        last_seen_at = self.last_seen_at.isoformat()

        count = self.count

        cleared_at: None | str
        if isinstance(self.cleared_at, datetime.datetime):
            cleared_at = self.cleared_at.isoformat()
        else:
            cleared_at = self.cleared_at

        cleared_reason: None | str
        cleared_reason = self.cleared_reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "key": key,
                "type": type_,
                "state": state,
                "severity": severity,
                "project_id": project_id,
                "database_id": database_id,
                "subject_id": subject_id,
                "title": title,
                "detail": detail,
                "data": data,
                "opened_at": opened_at,
                "last_seen_at": last_seen_at,
                "count": count,
                "cleared_at": cleared_at,
                "cleared_reason": cleared_reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.alert_view_data import AlertViewData  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        key = d.pop("key")

        type_ = AlertType(d.pop("type"))

        state = AlertState(d.pop("state"))

        severity = Severity(d.pop("severity"))

        def _parse_project_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        project_id = _parse_project_id(d.pop("project_id"))

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

        title = d.pop("title")

        detail = d.pop("detail")

        data = AlertViewData.from_dict(d.pop("data"))

        opened_at = datetime.datetime.fromisoformat(d.pop("opened_at"))

        last_seen_at = datetime.datetime.fromisoformat(d.pop("last_seen_at"))

        count = d.pop("count")

        def _parse_cleared_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                cleared_at_type_0 = datetime.datetime.fromisoformat(data)

                return cleared_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        cleared_at = _parse_cleared_at(d.pop("cleared_at"))

        def _parse_cleared_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        cleared_reason = _parse_cleared_reason(d.pop("cleared_reason"))

        alert_view = cls(
            id=id,
            key=key,
            type_=type_,
            state=state,
            severity=severity,
            project_id=project_id,
            database_id=database_id,
            subject_id=subject_id,
            title=title,
            detail=detail,
            data=data,
            opened_at=opened_at,
            last_seen_at=last_seen_at,
            count=count,
            cleared_at=cleared_at,
            cleared_reason=cleared_reason,
        )

        alert_view.additional_properties = d
        return alert_view

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
