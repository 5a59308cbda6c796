from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DeletionPlan")


@_attrs_define
class DeletionPlan:
    """What a deletion does. The ids, of Railway, say what goes there; they are null where nothing does."""

    steps: list[str]
    warnings: list[str]
    final_backup: bool
    keep_server: bool
    railway_project_id: None | str | Unset = UNSET
    railway_environment_id: None | str | Unset = UNSET
    service_id: None | str | Unset = UNSET
    service_name: None | str | Unset = UNSET
    volume_id: None | str | Unset = UNSET
    recoverable_hours: int | None | Unset = UNSET
    """ For how long Railway can bring the volume back, once it is deleted. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        steps = self.steps

        warnings = self.warnings

        final_backup = self.final_backup

        keep_server = self.keep_server

        railway_project_id: None | str | Unset
        if isinstance(self.railway_project_id, Unset):
            railway_project_id = UNSET
        else:
            railway_project_id = self.railway_project_id

        railway_environment_id: None | str | Unset
        if isinstance(self.railway_environment_id, Unset):
            railway_environment_id = UNSET
        else:
            railway_environment_id = self.railway_environment_id

        service_id: None | str | Unset
        if isinstance(self.service_id, Unset):
            service_id = UNSET
        else:
            service_id = self.service_id

        service_name: None | str | Unset
        if isinstance(self.service_name, Unset):
            service_name = UNSET
        else:
            service_name = self.service_name

        volume_id: None | str | Unset
        if isinstance(self.volume_id, Unset):
            volume_id = UNSET
        else:
            volume_id = self.volume_id

        recoverable_hours: int | None | Unset
        if isinstance(self.recoverable_hours, Unset):
            recoverable_hours = UNSET
        else:
            recoverable_hours = self.recoverable_hours

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "steps": steps,
                "warnings": warnings,
                "final_backup": final_backup,
                "keep_server": keep_server,
            }
        )
        if railway_project_id is not UNSET:
            field_dict["railway_project_id"] = railway_project_id
        if railway_environment_id is not UNSET:
            field_dict["railway_environment_id"] = railway_environment_id
        if service_id is not UNSET:
            field_dict["service_id"] = service_id
        if service_name is not UNSET:
            field_dict["service_name"] = service_name
        if volume_id is not UNSET:
            field_dict["volume_id"] = volume_id
        if recoverable_hours is not UNSET:
            field_dict["recoverable_hours"] = recoverable_hours

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        steps = cast(list[str], d.pop("steps"))

        warnings = cast(list[str], d.pop("warnings"))

        final_backup = d.pop("final_backup")

        keep_server = d.pop("keep_server")

        def _parse_railway_project_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        railway_project_id = _parse_railway_project_id(d.pop("railway_project_id", UNSET))

        def _parse_railway_environment_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        railway_environment_id = _parse_railway_environment_id(d.pop("railway_environment_id", UNSET))

        def _parse_service_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        service_id = _parse_service_id(d.pop("service_id", UNSET))

        def _parse_service_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        service_name = _parse_service_name(d.pop("service_name", UNSET))

        def _parse_volume_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        volume_id = _parse_volume_id(d.pop("volume_id", UNSET))

        def _parse_recoverable_hours(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        recoverable_hours = _parse_recoverable_hours(d.pop("recoverable_hours", UNSET))

        deletion_plan = cls(
            steps=steps,
            warnings=warnings,
            final_backup=final_backup,
            keep_server=keep_server,
            railway_project_id=railway_project_id,
            railway_environment_id=railway_environment_id,
            service_id=service_id,
            service_name=service_name,
            volume_id=volume_id,
            recoverable_hours=recoverable_hours,
        )

        deletion_plan.additional_properties = d
        return deletion_plan

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
