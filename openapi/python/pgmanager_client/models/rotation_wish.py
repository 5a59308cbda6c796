from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.redeploy_wish import RedeployWish
from ..models.strategy import Strategy
from ..types import UNSET, Unset

T = TypeVar("T", bound="RotationWish")


@_attrs_define
class RotationWish:
    grace_seconds: int | Unset = 3600
    """ Of an overlap: how long sessions of the former login may stay after the last consumer has moved. """
    consumers: RedeployWish | Unset = UNSET
    services: list[str] | None | Unset = UNSET
    """ Ids or names: these are redeployed, in this order. All by name when null. """
    strategy: None | Strategy | Unset = UNSET
    """ `overlap` for applications and `immediate` for other logins when null. """

    def to_dict(self) -> dict[str, Any]:
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

        strategy: None | str | Unset
        if isinstance(self.strategy, Unset):
            strategy = UNSET
        elif isinstance(self.strategy, Strategy):
            strategy = self.strategy.value
        else:
            strategy = self.strategy

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if grace_seconds is not UNSET:
            field_dict["grace_seconds"] = grace_seconds
        if consumers is not UNSET:
            field_dict["consumers"] = consumers
        if services is not UNSET:
            field_dict["services"] = services
        if strategy is not UNSET:
            field_dict["strategy"] = strategy

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
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

        def _parse_strategy(data: object) -> None | Strategy | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                strategy_type_0 = Strategy(data)

                return strategy_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Strategy | Unset, data)

        strategy = _parse_strategy(d.pop("strategy", UNSET))

        rotation_wish = cls(
            grace_seconds=grace_seconds,
            consumers=consumers,
            services=services,
            strategy=strategy,
        )

        return rotation_wish
