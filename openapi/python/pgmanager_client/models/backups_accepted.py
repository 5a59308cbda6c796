from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.backup_view import BackupView
    from ..models.job_view import JobView


T = TypeVar("T", bound="BackupsAccepted")


@_attrs_define
class BackupsAccepted:
    """The backups as they are now, and the job that takes all of them."""

    backups: list[BackupView]
    job: JobView
    """ A long action: what it is about, how far it is, how it ended. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        backups = []
        for backups_item_data in self.backups:
            backups_item = backups_item_data.to_dict()
            backups.append(backups_item)

        job = self.job.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "backups": backups,
                "job": job,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.backup_view import BackupView  # noqa: PLC0415
        from ..models.job_view import JobView  # noqa: PLC0415

        d = dict(src_dict)
        backups = []
        _backups = d.pop("backups")
        for backups_item_data in _backups:
            backups_item = BackupView.from_dict(backups_item_data)

            backups.append(backups_item)

        job = JobView.from_dict(d.pop("job"))

        backups_accepted = cls(
            backups=backups,
            job=job,
        )

        backups_accepted.additional_properties = d
        return backups_accepted

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
