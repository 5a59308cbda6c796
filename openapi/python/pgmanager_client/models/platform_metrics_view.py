from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.series_view import SeriesView


T = TypeVar("T", bound="PlatformMetricsView")


@_attrs_define
class PlatformMetricsView:
    """What Railway measured of the container: nothing of connections, locks or statements, which only SQL tells."""

    since: datetime.datetime
    until: datetime.datetime
    step_seconds: int
    series: list[SeriesView]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        since = self.since.isoformat()

        until = self.until.isoformat()

        step_seconds = self.step_seconds

        series = []
        for series_item_data in self.series:
            series_item = series_item_data.to_dict()
            series.append(series_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "since": since,
                "until": until,
                "step_seconds": step_seconds,
                "series": series,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.series_view import SeriesView  # noqa: PLC0415

        d = dict(src_dict)
        since = datetime.datetime.fromisoformat(d.pop("since"))

        until = datetime.datetime.fromisoformat(d.pop("until"))

        step_seconds = d.pop("step_seconds")

        series = []
        _series = d.pop("series")
        for series_item_data in _series:
            series_item = SeriesView.from_dict(series_item_data)

            series.append(series_item)

        platform_metrics_view = cls(
            since=since,
            until=until,
            step_seconds=step_seconds,
            series=series,
        )

        platform_metrics_view.additional_properties = d
        return platform_metrics_view

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
