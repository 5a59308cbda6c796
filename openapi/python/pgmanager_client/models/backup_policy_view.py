from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.policy_schedule_view import PolicyScheduleView
    from ..models.retention_rule import RetentionRule
    from ..models.verify_rule import VerifyRule


T = TypeVar("T", bound="BackupPolicyView")


@_attrs_define
class BackupPolicyView:
    id: None | str
    """ Null while nobody has made one: nothing is backed up by itself then. """
    project_id: str
    database_id: str
    enabled: bool
    is_default: bool
    """ Made by this service, as for every database of a production environment. """
    schedules: list[PolicyScheduleView]
    location_ids: list[str] | None
    retention: RetentionRule
    """ Generations are exclusive: a copy that is kept as a daily one is no weekly one. Weeks are those of ISO 8601.
    """
    verify: VerifyRule
    created_by: None | str
    updated_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id: None | str
        id = self.id

        project_id = self.project_id

        database_id = self.database_id

        enabled = self.enabled

        is_default = self.is_default

        schedules = []
        for schedules_item_data in self.schedules:
            schedules_item = schedules_item_data.to_dict()
            schedules.append(schedules_item)

        location_ids: list[str] | None
        if isinstance(self.location_ids, list):
            location_ids = self.location_ids

        else:
            location_ids = self.location_ids

        retention = self.retention.to_dict()

        verify = self.verify.to_dict()

        created_by: None | str
        created_by = self.created_by

        updated_at: None | str
        if isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "project_id": project_id,
                "database_id": database_id,
                "enabled": enabled,
                "is_default": is_default,
                "schedules": schedules,
                "location_ids": location_ids,
                "retention": retention,
                "verify": verify,
                "created_by": created_by,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.policy_schedule_view import PolicyScheduleView  # noqa: PLC0415
        from ..models.retention_rule import RetentionRule  # noqa: PLC0415
        from ..models.verify_rule import VerifyRule  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        id = _parse_id(d.pop("id"))

        project_id = d.pop("project_id")

        database_id = d.pop("database_id")

        enabled = d.pop("enabled")

        is_default = d.pop("is_default")

        schedules = []
        _schedules = d.pop("schedules")
        for schedules_item_data in _schedules:
            schedules_item = PolicyScheduleView.from_dict(schedules_item_data)

            schedules.append(schedules_item)

        def _parse_location_ids(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                location_ids_type_0 = cast(list[str], data)

                return location_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        location_ids = _parse_location_ids(d.pop("location_ids"))

        retention = RetentionRule.from_dict(d.pop("retention"))

        verify = VerifyRule.from_dict(d.pop("verify"))

        def _parse_created_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        created_by = _parse_created_by(d.pop("created_by"))

        def _parse_updated_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                updated_at_type_0 = datetime.datetime.fromisoformat(data)

                return updated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        updated_at = _parse_updated_at(d.pop("updated_at"))

        backup_policy_view = cls(
            id=id,
            project_id=project_id,
            database_id=database_id,
            enabled=enabled,
            is_default=is_default,
            schedules=schedules,
            location_ids=location_ids,
            retention=retention,
            verify=verify,
            created_by=created_by,
            updated_at=updated_at,
        )

        backup_policy_view.additional_properties = d
        return backup_policy_view

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
