from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.staged_status import StagedStatus

if TYPE_CHECKING:
    from ..models.staged_key_view import StagedKeyView


T = TypeVar("T", bound="StagedChangesView")


@_attrs_define
class StagedChangesView:
    """Railway does not tell who staged what."""

    status: StagedStatus
    message: None | str
    created_at: datetime.datetime
    last_failure: None | str
    """ Why the last attempt to apply them failed. """
    ours: bool
    """ All of it was staged by jobs of this service, so that it may be discarded. """
    changes: list[StagedKeyView]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status = self.status.value

        message: None | str
        message = self.message

        created_at = self.created_at.isoformat()

        last_failure: None | str
        last_failure = self.last_failure

        ours = self.ours

        changes = []
        for changes_item_data in self.changes:
            changes_item = changes_item_data.to_dict()
            changes.append(changes_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "message": message,
                "created_at": created_at,
                "last_failure": last_failure,
                "ours": ours,
                "changes": changes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.staged_key_view import StagedKeyView  # noqa: PLC0415

        d = dict(src_dict)
        status = StagedStatus(d.pop("status"))

        def _parse_message(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        message = _parse_message(d.pop("message"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_last_failure(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        last_failure = _parse_last_failure(d.pop("last_failure"))

        ours = d.pop("ours")

        changes = []
        _changes = d.pop("changes")
        for changes_item_data in _changes:
            changes_item = StagedKeyView.from_dict(changes_item_data)

            changes.append(changes_item)

        staged_changes_view = cls(
            status=status,
            message=message,
            created_at=created_at,
            last_failure=last_failure,
            ours=ours,
            changes=changes,
        )

        staged_changes_view.additional_properties = d
        return staged_changes_view

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
