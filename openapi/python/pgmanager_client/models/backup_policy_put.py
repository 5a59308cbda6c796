from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.retention_rule import RetentionRule
    from ..models.schedule_rule import ScheduleRule
    from ..models.verify_rule import VerifyRule


T = TypeVar("T", bound="BackupPolicyPut")


@_attrs_define
class BackupPolicyPut:
    schedules: list[ScheduleRule] | Unset = UNSET
    location_ids: list[str] | None | Unset = UNSET
    """ The project's default of that time when null. """
    retention: RetentionRule | Unset = UNSET
    """ Generations are exclusive: a copy that is kept as a daily one is no weekly one. Weeks are those of ISO 8601.
    """
    verify: VerifyRule | Unset = UNSET
    enabled: bool | Unset = True

    def to_dict(self) -> dict[str, Any]:
        schedules: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.schedules, Unset):
            schedules = []
            for schedules_item_data in self.schedules:
                schedules_item = schedules_item_data.to_dict()
                schedules.append(schedules_item)

        location_ids: list[str] | None | Unset
        if isinstance(self.location_ids, Unset):
            location_ids = UNSET
        elif isinstance(self.location_ids, list):
            location_ids = self.location_ids

        else:
            location_ids = self.location_ids

        retention: dict[str, Any] | Unset = UNSET
        if not isinstance(self.retention, Unset):
            retention = self.retention.to_dict()

        verify: dict[str, Any] | Unset = UNSET
        if not isinstance(self.verify, Unset):
            verify = self.verify.to_dict()

        enabled = self.enabled

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if schedules is not UNSET:
            field_dict["schedules"] = schedules
        if location_ids is not UNSET:
            field_dict["location_ids"] = location_ids
        if retention is not UNSET:
            field_dict["retention"] = retention
        if verify is not UNSET:
            field_dict["verify"] = verify
        if enabled is not UNSET:
            field_dict["enabled"] = enabled

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.retention_rule import RetentionRule  # noqa: PLC0415
        from ..models.schedule_rule import ScheduleRule  # noqa: PLC0415
        from ..models.verify_rule import VerifyRule  # noqa: PLC0415

        d = dict(src_dict)
        _schedules = d.pop("schedules", UNSET)
        schedules: list[ScheduleRule] | Unset = UNSET
        if _schedules is not UNSET:
            schedules = []
            for schedules_item_data in _schedules:
                schedules_item = ScheduleRule.from_dict(schedules_item_data)

                schedules.append(schedules_item)

        def _parse_location_ids(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                location_ids_type_0 = cast(list[str], data)

                return location_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        location_ids = _parse_location_ids(d.pop("location_ids", UNSET))

        _retention = d.pop("retention", UNSET)
        retention: RetentionRule | Unset
        if isinstance(_retention, Unset):
            retention = UNSET
        else:
            retention = RetentionRule.from_dict(_retention)

        _verify = d.pop("verify", UNSET)
        verify: VerifyRule | Unset
        if isinstance(_verify, Unset):
            verify = UNSET
        else:
            verify = VerifyRule.from_dict(_verify)

        enabled = d.pop("enabled", UNSET)

        backup_policy_put = cls(
            schedules=schedules,
            location_ids=location_ids,
            retention=retention,
            verify=verify,
            enabled=enabled,
        )

        return backup_policy_put
