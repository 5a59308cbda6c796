from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.backup_update_labels import BackupUpdateLabels


T = TypeVar("T", bound="BackupUpdate")


@_attrs_define
class BackupUpdate:
    labels: BackupUpdateLabels
    """ All of them: those that are not given are removed. """

    def to_dict(self) -> dict[str, Any]:
        labels = self.labels.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "labels": labels,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.backup_update_labels import BackupUpdateLabels  # noqa: PLC0415

        d = dict(src_dict)
        labels = BackupUpdateLabels.from_dict(d.pop("labels"))

        backup_update = cls(
            labels=labels,
        )

        return backup_update
