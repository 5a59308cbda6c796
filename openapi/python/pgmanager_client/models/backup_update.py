from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.backup_update_labels import BackupUpdateLabels
    from ..models.pin import Pin


T = TypeVar("T", bound="BackupUpdate")


@_attrs_define
class BackupUpdate:
    """What is not given stays."""

    labels: BackupUpdateLabels | Unset = UNSET
    """ All of them: those that are not named are removed. """
    pinned: None | Pin | Unset = UNSET
    """ Keeps it from being deleted; null lets it go again. Needs the scope `backups:pin`. """
    expires_at: datetime.datetime | None | Unset = UNSET
    """ When it may be deleted, unless it is the newest good one; null: never. Scheduled ones are kept by their
    policy and have none. """

    def to_dict(self) -> dict[str, Any]:
        from ..models.pin import Pin  # noqa: PLC0415

        labels: dict[str, Any] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels.to_dict()

        pinned: dict[str, Any] | None | Unset
        if isinstance(self.pinned, Unset):
            pinned = UNSET
        elif isinstance(self.pinned, Pin):
            pinned = self.pinned.to_dict()
        else:
            pinned = self.pinned

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if labels is not UNSET:
            field_dict["labels"] = labels
        if pinned is not UNSET:
            field_dict["pinned"] = pinned
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.backup_update_labels import BackupUpdateLabels  # noqa: PLC0415
        from ..models.pin import Pin  # noqa: PLC0415

        d = dict(src_dict)
        _labels = d.pop("labels", UNSET)
        labels: BackupUpdateLabels | Unset
        if isinstance(_labels, Unset):
            labels = UNSET
        else:
            labels = BackupUpdateLabels.from_dict(_labels)

        def _parse_pinned(data: object) -> None | Pin | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pinned_type_0 = Pin.from_dict(data)

                return pinned_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Pin | Unset, data)

        pinned = _parse_pinned(d.pop("pinned", UNSET))

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        backup_update = cls(
            labels=labels,
            pinned=pinned,
            expires_at=expires_at,
        )

        return backup_update
