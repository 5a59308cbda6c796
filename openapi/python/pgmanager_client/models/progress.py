from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.step_progress import StepProgress


T = TypeVar("T", bound="Progress")


@_attrs_define
class Progress:
    """Numbers are of the current step. ``percent`` and ``eta_seconds`` are null as long as they would be guesses."""

    percent: float | None | Unset = UNSET
    step: None | str | Unset = UNSET
    steps: list[StepProgress] | Unset = UNSET
    bytes_done: int | None | Unset = UNSET
    bytes_total: int | None | Unset = UNSET
    rows_done: int | None | Unset = UNSET
    rows_total: int | None | Unset = UNSET
    bytes_per_second: float | None | Unset = UNSET
    eta_seconds: int | None | Unset = UNSET
    moved_at: datetime.datetime | None | Unset = UNSET
    """ When the current step was last seen to move: bytes, rows, or the lock it waits for. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        percent: float | None | Unset
        if isinstance(self.percent, Unset):
            percent = UNSET
        else:
            percent = self.percent

        step: None | str | Unset
        if isinstance(self.step, Unset):
            step = UNSET
        else:
            step = self.step

        steps: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.steps, Unset):
            steps = []
            for steps_item_data in self.steps:
                steps_item = steps_item_data.to_dict()
                steps.append(steps_item)

        bytes_done: int | None | Unset
        if isinstance(self.bytes_done, Unset):
            bytes_done = UNSET
        else:
            bytes_done = self.bytes_done

        bytes_total: int | None | Unset
        if isinstance(self.bytes_total, Unset):
            bytes_total = UNSET
        else:
            bytes_total = self.bytes_total

        rows_done: int | None | Unset
        if isinstance(self.rows_done, Unset):
            rows_done = UNSET
        else:
            rows_done = self.rows_done

        rows_total: int | None | Unset
        if isinstance(self.rows_total, Unset):
            rows_total = UNSET
        else:
            rows_total = self.rows_total

        bytes_per_second: float | None | Unset
        if isinstance(self.bytes_per_second, Unset):
            bytes_per_second = UNSET
        else:
            bytes_per_second = self.bytes_per_second

        eta_seconds: int | None | Unset
        if isinstance(self.eta_seconds, Unset):
            eta_seconds = UNSET
        else:
            eta_seconds = self.eta_seconds

        moved_at: None | str | Unset
        if isinstance(self.moved_at, Unset):
            moved_at = UNSET
        elif isinstance(self.moved_at, datetime.datetime):
            moved_at = self.moved_at.isoformat()
        else:
            moved_at = self.moved_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if percent is not UNSET:
            field_dict["percent"] = percent
        if step is not UNSET:
            field_dict["step"] = step
        if steps is not UNSET:
            field_dict["steps"] = steps
        if bytes_done is not UNSET:
            field_dict["bytes_done"] = bytes_done
        if bytes_total is not UNSET:
            field_dict["bytes_total"] = bytes_total
        if rows_done is not UNSET:
            field_dict["rows_done"] = rows_done
        if rows_total is not UNSET:
            field_dict["rows_total"] = rows_total
        if bytes_per_second is not UNSET:
            field_dict["bytes_per_second"] = bytes_per_second
        if eta_seconds is not UNSET:
            field_dict["eta_seconds"] = eta_seconds
        if moved_at is not UNSET:
            field_dict["moved_at"] = moved_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.step_progress import StepProgress  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_percent(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        percent = _parse_percent(d.pop("percent", UNSET))

        def _parse_step(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        step = _parse_step(d.pop("step", UNSET))

        _steps = d.pop("steps", UNSET)
        steps: list[StepProgress] | Unset = UNSET
        if _steps is not UNSET:
            steps = []
            for steps_item_data in _steps:
                steps_item = StepProgress.from_dict(steps_item_data)

                steps.append(steps_item)

        def _parse_bytes_done(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        bytes_done = _parse_bytes_done(d.pop("bytes_done", UNSET))

        def _parse_bytes_total(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        bytes_total = _parse_bytes_total(d.pop("bytes_total", UNSET))

        def _parse_rows_done(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        rows_done = _parse_rows_done(d.pop("rows_done", UNSET))

        def _parse_rows_total(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        rows_total = _parse_rows_total(d.pop("rows_total", UNSET))

        def _parse_bytes_per_second(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        bytes_per_second = _parse_bytes_per_second(d.pop("bytes_per_second", UNSET))

        def _parse_eta_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        eta_seconds = _parse_eta_seconds(d.pop("eta_seconds", UNSET))

        def _parse_moved_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                moved_at_type_0 = datetime.datetime.fromisoformat(data)

                return moved_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        moved_at = _parse_moved_at(d.pop("moved_at", UNSET))

        progress = cls(
            percent=percent,
            step=step,
            steps=steps,
            bytes_done=bytes_done,
            bytes_total=bytes_total,
            rows_done=rows_done,
            rows_total=rows_total,
            bytes_per_second=bytes_per_second,
            eta_seconds=eta_seconds,
            moved_at=moved_at,
        )

        progress.additional_properties = d
        return progress

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
