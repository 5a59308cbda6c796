from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.redeploy_wish import RedeployWish

T = TypeVar("T", bound="RotationScheduleView")


@_attrs_define
class RotationScheduleView:
    """When the application's password is rotated by itself: always as an overlap."""

    application: str
    cron: str
    zone: str
    grace_seconds: int
    consumers: RedeployWish
    services: list[str] | None
    next_runs: list[datetime.datetime]
    last_run: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        application = self.application

        cron = self.cron

        zone = self.zone

        grace_seconds = self.grace_seconds

        consumers = self.consumers.value

        services: list[str] | None
        if isinstance(self.services, list):
            services = self.services

        else:
            services = self.services

        next_runs = []
        for next_runs_item_data in self.next_runs:
            next_runs_item = next_runs_item_data.isoformat()
            next_runs.append(next_runs_item)

        last_run: None | str
        if isinstance(self.last_run, datetime.datetime):
            last_run = self.last_run.isoformat()
        else:
            last_run = self.last_run

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "application": application,
                "cron": cron,
                "zone": zone,
                "grace_seconds": grace_seconds,
                "consumers": consumers,
                "services": services,
                "next_runs": next_runs,
                "last_run": last_run,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        application = d.pop("application")

        cron = d.pop("cron")

        zone = d.pop("zone")

        grace_seconds = d.pop("grace_seconds")

        consumers = RedeployWish(d.pop("consumers"))

        def _parse_services(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                services_type_0 = cast(list[str], data)

                return services_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None, data)

        services = _parse_services(d.pop("services"))

        next_runs = []
        _next_runs = d.pop("next_runs")
        for next_runs_item_data in _next_runs:
            next_runs_item = datetime.datetime.fromisoformat(next_runs_item_data)

            next_runs.append(next_runs_item)

        def _parse_last_run(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_run_type_0 = datetime.datetime.fromisoformat(data)

                return last_run_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_run = _parse_last_run(d.pop("last_run"))

        rotation_schedule_view = cls(
            application=application,
            cron=cron,
            zone=zone,
            grace_seconds=grace_seconds,
            consumers=consumers,
            services=services,
            next_runs=next_runs,
            last_run=last_run,
        )

        rotation_schedule_view.additional_properties = d
        return rotation_schedule_view

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
