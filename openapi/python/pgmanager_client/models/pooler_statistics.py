from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.pool_now import PoolNow
    from ..models.pool_totals import PoolTotals
    from ..models.pooler_statistics_lists import PoolerStatisticsLists


T = TypeVar("T", bound="PoolerStatistics")


@_attrs_define
class PoolerStatistics:
    version: str
    pools: list[PoolNow]
    totals: list[PoolTotals]
    lists: PoolerStatisticsLists
    """ As in SHOW LISTS: how many clients, servers, users and pools there are. """
    advice: list[str]
    """ What the version lacks. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        pools = []
        for pools_item_data in self.pools:
            pools_item = pools_item_data.to_dict()
            pools.append(pools_item)

        totals = []
        for totals_item_data in self.totals:
            totals_item = totals_item_data.to_dict()
            totals.append(totals_item)

        lists = self.lists.to_dict()

        advice = self.advice

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "pools": pools,
                "totals": totals,
                "lists": lists,
                "advice": advice,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.pool_now import PoolNow  # noqa: PLC0415
        from ..models.pool_totals import PoolTotals  # noqa: PLC0415
        from ..models.pooler_statistics_lists import PoolerStatisticsLists  # noqa: PLC0415

        d = dict(src_dict)
        version = d.pop("version")

        pools = []
        _pools = d.pop("pools")
        for pools_item_data in _pools:
            pools_item = PoolNow.from_dict(pools_item_data)

            pools.append(pools_item)

        totals = []
        _totals = d.pop("totals")
        for totals_item_data in _totals:
            totals_item = PoolTotals.from_dict(totals_item_data)

            totals.append(totals_item)

        lists = PoolerStatisticsLists.from_dict(d.pop("lists"))

        advice = cast(list[str], d.pop("advice"))

        pooler_statistics = cls(
            version=version,
            pools=pools,
            totals=totals,
            lists=lists,
            advice=advice,
        )

        pooler_statistics.additional_properties = d
        return pooler_statistics

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
