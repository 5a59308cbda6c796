from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.redeploy_wish import RedeployWish
from ..types import UNSET, Unset

T = TypeVar("T", bound="RotationSchedulePut")


@_attrs_define
class RotationSchedulePut:
    cron: str
    """ Minute, hour, day of month, month, day of week. """
    grace_seconds: int | Unset = 3600
    """ Of an overlap: how long sessions of the former login may stay after the last consumer has moved. """
    consumers: RedeployWish | Unset = UNSET
    services: list[str] | None | Unset = UNSET
    """ Ids or names: these are redeployed, in this order. All by name when null. """
    zone: str | Unset = "UTC"
    """ Of the IANA database. """

    def to_dict(self) -> dict[str, Any]:
        cron = self.cron

        grace_seconds = self.grace_seconds

        consumers: str | Unset = UNSET
        if not isinstance(self.consumers, Unset):
            consumers = self.consumers.value

        services: list[str] | None | Unset
        if isinstance(self.services, Unset):
            services = UNSET
        elif isinstance(self.services, list):
            services = self.services

        else:
            services = self.services

        zone = self.zone

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "cron": cron,
            }
        )
        if grace_seconds is not UNSET:
            field_dict["grace_seconds"] = grace_seconds
        if consumers is not UNSET:
            field_dict["consumers"] = consumers
        if services is not UNSET:
            field_dict["services"] = services
        if zone is not UNSET:
            field_dict["zone"] = zone

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        cron = d.pop("cron")

        grace_seconds = d.pop("grace_seconds", UNSET)

        _consumers = d.pop("consumers", UNSET)
        consumers: RedeployWish | Unset
        if isinstance(_consumers, Unset):
            consumers = UNSET
        else:
            consumers = RedeployWish(_consumers)

        def _parse_services(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                services_type_0 = cast(list[str], data)

                return services_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        services = _parse_services(d.pop("services", UNSET))

        zone = d.pop("zone", UNSET)

        rotation_schedule_put = cls(
            cron=cron,
            grace_seconds=grace_seconds,
            consumers=consumers,
            services=services,
            zone=zone,
        )

        return rotation_schedule_put
