from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.job_view import JobView
    from ..models.setting_change_view import SettingChangeView
    from ..models.setting_view import SettingView


T = TypeVar("T", bound="SettingsChanged")


@_attrs_define
class SettingsChanged:
    """``change`` is null when everything had its wished value already."""

    change: None | SettingChangeView
    settings: list[SettingView]
    """ Those that were named, as they are now; before it where a job follows. """
    needs_restart: list[str]
    warnings: list[str]
    job: JobView | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.job_view import JobView  # noqa: PLC0415
        from ..models.setting_change_view import SettingChangeView  # noqa: PLC0415

        change: dict[str, Any] | None
        if isinstance(self.change, SettingChangeView):
            change = self.change.to_dict()
        else:
            change = self.change

        settings = []
        for settings_item_data in self.settings:
            settings_item = settings_item_data.to_dict()
            settings.append(settings_item)

        needs_restart = self.needs_restart

        warnings = self.warnings

        job: dict[str, Any] | None
        if isinstance(self.job, JobView):
            job = self.job.to_dict()
        else:
            job = self.job

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "change": change,
                "settings": settings,
                "needs_restart": needs_restart,
                "warnings": warnings,
                "job": job,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_view import JobView  # noqa: PLC0415
        from ..models.setting_change_view import SettingChangeView  # noqa: PLC0415
        from ..models.setting_view import SettingView  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_change(data: object) -> None | SettingChangeView:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                change_type_0 = SettingChangeView.from_dict(data)

                return change_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SettingChangeView, data)

        change = _parse_change(d.pop("change"))

        settings = []
        _settings = d.pop("settings")
        for settings_item_data in _settings:
            settings_item = SettingView.from_dict(settings_item_data)

            settings.append(settings_item)

        needs_restart = cast(list[str], d.pop("needs_restart"))

        warnings = cast(list[str], d.pop("warnings"))

        def _parse_job(data: object) -> JobView | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                job_type_0 = JobView.from_dict(data)

                return job_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JobView | None, data)

        job = _parse_job(d.pop("job"))

        settings_changed = cls(
            change=change,
            settings=settings,
            needs_restart=needs_restart,
            warnings=warnings,
            job=job,
        )

        settings_changed.additional_properties = d
        return settings_changed

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
